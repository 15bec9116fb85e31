#include "prelu.h"

SIMREF_DEFINE_BINARY(prelu_f32, float, float, a < 0.0f ? a * b : a)
