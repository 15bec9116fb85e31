#include "reduce_prod_s64.h"

#define SIMREF_PARAMS simref_reduce_prod_s64_params
#define SIMREF_KERNEL simref_reduce_prod_s64
#define SIMREF_NUMBER int64_t
#define SIMREF_FIRST(x) 1
#define SIMREF_NEXT(y, x) (int64_t)((uint64_t)(y) * (uint64_t)(x))
#define SIMREF_LAST(p, y) (y)
#include "reduce_template.h"
