/* y = x / (1 + |x|). */
#ifndef SIMREF_SOFTSIGN_H
#define SIMREF_SOFTSIGN_H

#include "unary.h"

SIMREF_DECLARE_UNARY(softsign_array_f32, float);

#endif
