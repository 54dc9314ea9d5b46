#include "gateway/plan.h"

#include "auth/token_grant.h"
#include "base/check.h"
#include "provider/kind.h"

static const struct target *target_at(const struct plan *plan, size_t place)
{
    CHECK(place <= plan->endpoint->failover_count);
    return place == 0 ? plan->routed : &plan->endpoint->failover[place - 1];
}

const struct target *plan_target(const struct plan *plan)
{
    return target_at(plan, plan->at);
}

void plan_stand_at(struct plan *plan, const struct target *target)
{
    size_t place = 0;

    while (target_at(plan, place) != target)
        place++;
    if (place == plan->at)
        return;
    plan->at = place;
    plan->tries = 0;
    plan->tried_keys = 0;
}

static bool is_allowed(const struct plan *plan, const struct target *target)
{
    return (plan->token == NULL ||
            token_allows_model(plan->token, target->provider->name, target->model)) &&
           (plan->chat == NULL || !plan->chat->embeds ||
            kind_embeds(target->provider, target->dialect, plan->chat->token_texts));
}

size_t plan_next_place(const struct plan *plan, enum failover_on on)
{
    for (size_t i = plan->at; i < plan->endpoint->failover_count; i++)
        if ((plan->endpoint->failover[i].on & on) != 0 &&
            is_allowed(plan, &plan->endpoint->failover[i]))
            return i + 1;
    return SIZE_MAX;
}

static bool in_time(const struct plan *plan, uint64_t now_ms)
{
    return plan->calls < PLAN_CALLS_MAX &&
           retry_in_time(&retry_pace_default, now_ms, 0, plan->deadline_ms);
}

/* The same target again, if that is allowed at all. */
static bool retry(const struct plan *plan, const struct plan_failure *failure, bool budget_left,
                  uint64_t now_ms, uint32_t random, struct plan_choice *out)
{
    enum failure_retry retry = failure_row(failure->kind)->retry;
    struct retry_plan when;

    if ((retry != RETRY_SOON && retry != RETRY_LATER) || !budget_left ||
        plan->tries >= plan->endpoint->retry.times)
        return false;
    if (failure->unanswered && !plan->endpoint->retry.after_send)
        return false;
    when = retry_plan(&retry_pace_default, plan->tries, failure->hint_ms, now_ms, plan->deadline_ms,
                      random);
    *out = (struct plan_choice){PLAN_RETRY, when.wait_ms, plan->at};
    return when.choice == RETRY_HERE;
}

/* A provider that stumbled is likely to be up again; one that cannot be reached or is full is not.
 */
static bool retries_first(enum failure_kind kind)
{
    return failure_row(kind)->retry == RETRY_SOON && kind != FAILURE_TRANSPORT;
}

struct plan_choice plan_choose(const struct plan *plan, const struct plan_failure *failure,
                               bool budget_left, uint64_t now_ms, uint32_t random)
{
    const struct failure_row *row = failure_row(failure->kind);
    struct plan_choice choice = {.step = PLAN_GIVE_UP};
    size_t place = plan_next_place(plan, row->on);

    if (!in_time(plan, now_ms))
        return choice;
    if (row->blame == BLAME_KEY && failure->other_key)
        return (struct plan_choice){PLAN_OTHER_KEY, 0, plan->at};
    if (retries_first(failure->kind) && retry(plan, failure, budget_left, now_ms, random, &choice))
        return choice;
    if (place != SIZE_MAX)
        return (struct plan_choice){PLAN_NEXT, 0, place};
    if (!retries_first(failure->kind) && retry(plan, failure, budget_left, now_ms, random, &choice))
        return choice;
    return (struct plan_choice){.step = PLAN_GIVE_UP};
}

void plan_take(struct plan *plan, const struct plan_choice *choice)
{
    switch (choice->step) {
    case PLAN_GIVE_UP:
    case PLAN_OTHER_KEY:
        break;
    case PLAN_RETRY:
        plan->tries++;
        plan->tried_keys = 0;
        break;
    case PLAN_NEXT:
        plan->at = choice->place;
        plan->tries = 0;
        plan->tried_keys = 0;
        break;
    }
}
