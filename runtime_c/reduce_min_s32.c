#include "reduce_min_s32.h"

#define SIMREF_PARAMS simref_reduce_min_s32_params
#define SIMREF_KERNEL simref_reduce_min_s32
#define SIMREF_NUMBER int32_t
#define SIMREF_FIRST(x) (x)
#define SIMREF_NEXT(y, x) ((x) < (y) ? (x) : (y))
#define SIMREF_LAST(p, y) (y)
#include "reduce_template.h"
