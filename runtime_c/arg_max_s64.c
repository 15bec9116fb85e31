#include "arg_max_s64.h"

#define SIMREF_PARAMS simref_arg_max_s64_params
#define SIMREF_KERNEL simref_arg_max_s64
#define SIMREF_NUMBER int64_t
#define SIMREF_BEATS(x, y) ((x) > (y))
#include "arg_template.h"
