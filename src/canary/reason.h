/* canary/reason.h
 * Why a rule was switched off, in words. */
#pragma once
#include "base/buffer.h"
#include "store/canary_record.h"

/* The word in logs, metrics and answers: "422", "cost". */
const char *canary_why_word(enum canary_why why);
/* "13 of 50 calls (26.0 %) were answered with a 422, of 1000 others 0 (0.0 %)" */
void canary_put_reason(struct buffer *out, const struct canary_record *canary);
/* The same with since when: "no, since 2026-11-27T10:00:00.000Z: 13 of 50 calls ..." */
void canary_put_off(struct buffer *out, const struct canary_record *canary);
