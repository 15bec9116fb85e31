#include "arg_min_s8.h"

#define SIMREF_PARAMS simref_arg_min_s8_params
#define SIMREF_KERNEL simref_arg_min_s8
#define SIMREF_NUMBER int8_t
#define SIMREF_BEATS(x, y) ((x) < (y))
#include "arg_template.h"
