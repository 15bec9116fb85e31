#include "reduce_sum_s32.h"

#define SIMREF_PARAMS simref_reduce_sum_s32_params
#define SIMREF_KERNEL simref_reduce_sum_s32
#define SIMREF_NUMBER int32_t
#define SIMREF_FIRST(x) 0
#define SIMREF_NEXT(y, x) (int32_t)((uint32_t)(y) + (uint32_t)(x))
#define SIMREF_LAST(p, y) (y)
#include "reduce_template.h"
