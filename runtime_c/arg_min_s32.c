#include "arg_min_s32.h"

#define SIMREF_PARAMS simref_arg_min_s32_params
#define SIMREF_KERNEL simref_arg_min_s32
#define SIMREF_NUMBER int32_t
#define SIMREF_BEATS(x, y) ((x) < (y))
#include "arg_template.h"
