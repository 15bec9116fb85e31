#include "reduce_max_s64.h"

#define SIMREF_PARAMS simref_reduce_max_s64_params
#define SIMREF_KERNEL simref_reduce_max_s64
#define SIMREF_NUMBER int64_t
#define SIMREF_FIRST(x) (x)
#define SIMREF_NEXT(y, x) ((x) > (y) ? (x) : (y))
#define SIMREF_LAST(p, y) (y)
#include "reduce_template.h"
