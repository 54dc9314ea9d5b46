/* admin/budget_claims.h
 * The budgets that are configured, those of tokens included, and how one of them is told. */
#pragma once
#include "budget/budgets.h"
#include "config/config.h"

struct token_table;

/* Calls `each` for every budget there is, in no order; `of` ("endpoint") and `name`, where they are
 * not empty, leave out the others. The organisation has one of each period, also where nothing is
 * limited. A claim and its account are `each`'s for the length of the call. */
void budget_claims_each(const struct config *config, struct token_table *tokens, struct text of,
                        struct text name, void (*each)(void *to, const struct budget_claim *claim),
                        void *to);

/* "endpoint/summarize/daily": what it is called for as long as it is configured, and the order in
 * which budgets are listed. */
struct text budget_claim_id(struct arena *arena, const struct budget_claim *claim);
/* Nano-USD that are spent of it. */
int64_t budget_claim_spent(const struct budget_view *view, const struct budget_record *record);
/* Its members, as part of an object. */
void budget_claim_put(struct buffer *out, struct arena *arena, const struct budget_claim *claim,
                      const struct budget_view *view, const struct budget_record *record);
