#include "reduce_sum_f32.h"

#define SIMREF_PARAMS simref_reduce_sum_f32_params
#define SIMREF_KERNEL simref_reduce_sum_f32
#define SIMREF_NUMBER float
#define SIMREF_FIRST(x) 0.0f
#define SIMREF_NEXT(y, x) ((y) + (x))
#define SIMREF_LAST(p, y) ((y) / (p)->divisor)
#include "reduce_template.h"
