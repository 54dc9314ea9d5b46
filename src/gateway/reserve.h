/* gateway/reserve.h
 * Money for a call: what it can cost at worst is held before anything is sent (budget/budgets.h),
 * what it did cost is settled afterwards. */
#pragma once
#include "gateway/request_state.h"

/* The account that every call counts against. */
#define RESERVE_ORGANISATION "organisation"

/* What a token may spend, as a rule. */
struct budget_rule reserve_token_rule(const struct token_budget *budget);

enum reserve_answer {
    RESERVE_COVERED,
    RESERVE_WAITS,  /* a lease is under way; call_covered follows, or pipeline_resume from the stage
                     */
    RESERVE_REFUSED /* request->error says why */
};
/* Whether one more call to that target may be made, beside what the attempts so far have cost and
 * those still running may. */
enum reserve_answer reserve_cover(struct request *request, const struct target *target);
/* The same without waiting and without a word: false also while a lease is under way. `refused`
 * tells the one from the other. */
bool reserve_covered_now(struct request *request, const struct target *target, bool *out_refused);
/* The request does not wait any more. What it holds is settled by stage_settle. */
void reserve_forget(struct request *request);
/* Spends what the call has cost and frees the rest, and tells whoever is to be warned. */
void reserve_settle(struct request *request, int64_t cost_nano);
/* Of a refusal, `"budget": {...}` for the details of its error. */
void reserve_put_details(struct request *request, struct buffer *out);

/* call.c: the lease has come, or it was refused: request->error. */
void call_covered(struct request *request);
