/* gateway/admission.h
 * What attempts share with all others at the same target: before one is sent, whether the target's
 * rest, its breaker and its keys let it; after it, what it has taught them. What is shared between
 * workers is in the modules that keep it (health.h). */
#pragma once
#include "gateway/attempt.h"

/* A new attempt at the target, which holds a breaker's pass and a key, or has failed already and is
 * not to be sent. Keys in `tried`, a bit each, are left out. */
struct attempt *admission_ask(struct request *request, const struct target *target, uint64_t tried);
/* Tells what has become of one that was sent; once, at its end. */
void admission_report(struct attempt *attempt);

/* Whether a key of the provider that is not in `tried` is ready. Claims nothing. */
bool admission_key_ready(const struct request *request, const struct target *target,
                         uint64_t tried);
/* Whether nothing speaks against one more call: the breaker is closed, no rest was asked for, a key
 * is ready. Claims nothing. */
bool admission_free(const struct request *request, const struct target *target);
