#include "reduce_min_f32.h"

#define SIMREF_PARAMS simref_reduce_min_f32_params
#define SIMREF_KERNEL simref_reduce_min_f32
#define SIMREF_NUMBER float
#define SIMREF_FIRST(x) (x)
#define SIMREF_NEXT(y, x) ((x) < (y) ? (x) : (y))
#define SIMREF_LAST(p, y) (y)
#include "reduce_template.h"
