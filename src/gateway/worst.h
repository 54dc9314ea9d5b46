/* gateway/worst.h
 * The most that a call can cost, before it is made: tokens and money. All estimates err on the side
 * of too much. */
#pragma once
#include "gateway/request_state.h"

/* Tokens of the prompt as it is now, estimated; keep it, because it looks at every byte. */
int64_t worst_prompt(const struct request *request);
enum { WORST_UNKNOWN = -1 };
/* The longest answer that was asked for, in tokens; WORST_UNKNOWN: nothing was said. Vectors take
 * none. */
int64_t worst_asked(struct request *request, const struct target *target);
/* The longest answer there can be, in tokens, or WORST_UNKNOWN. */
int64_t worst_answer(struct request *request, const struct target *target);
/* Nano-USD of one call to that target with so many tokens of prompt; 0 where its price is not
 * known.
 */
int64_t worst_cost(struct request *request, const struct target *target, int64_t prompt_tokens);
/* The same at the dearest target that this request can reach. */
int64_t worst_of_all(struct request *request, int64_t prompt_tokens);
/* Whether an attempt has written so much that what was held for its answer must be used up. */
bool worst_overrun(const struct attempt *attempt);
