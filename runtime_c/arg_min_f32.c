#include "arg_min_f32.h"

#define SIMREF_PARAMS simref_arg_min_f32_params
#define SIMREF_KERNEL simref_arg_min_f32
#define SIMREF_NUMBER float
#define SIMREF_BEATS(x, y) ((x) < (y))
#include "arg_template.h"
