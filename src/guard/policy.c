#include "guard/policy.h"

#include "base/buffer.h"
#include "document/json_write.h"

struct text guard_field_word(enum guard_field field)
{
    static const struct text words[] = {
#define X(name, member, word) TEXT_INIT(word),
        GUARD_FIELDS(X)
#undef X
    };

    return words[field];
}

struct text guard_action_word(enum guard_action action)
{
    static const struct text words[] = {TEXT_INIT("off"), TEXT_INIT("mask"), TEXT_INIT("restore"),
                                        TEXT_INIT("redact"), TEXT_INIT("block")};

    return words[action];
}

struct guard_policy guard_policy_merge(const struct guard_policy *wide,
                                       const struct guard_policy *narrow)
{
    struct guard_policy out = wide != NULL ? *wide : (struct guard_policy){0};

    for (int i = 0; narrow != NULL && i < GUARD_FIELD_COUNT; i++)
        if (narrow->fields[i] != NULL)
            out.fields[i] = narrow->fields[i];
    return out;
}

bool guard_restores(const struct guard_policy *policy)
{
    return policy->fields[GUARD_PII] != NULL &&
           policy->fields[GUARD_PII]->on[GUARD_INPUT] == GUARD_RESTORE;
}

bool guard_policy_on(const struct guard_policy *policy, enum guard_side side)
{
    if (guard_restores(policy))
        return true;
    for (int i = 0; i < GUARD_FIELD_COUNT; i++)
        if (policy->fields[i] != NULL && policy->fields[i]->on[side] != GUARD_OFF)
            return true;
    return false;
}

void guard_policy_put(struct buffer *out, const struct guard_policy *policy)
{
    buffer_put_byte(out, '{');
    for (int i = 0; i < GUARD_FIELD_COUNT; i++) {
        if (policy->fields[i] == NULL)
            continue;
        json_put_name(out, guard_field_word((enum guard_field)i).at);
        buffer_put(out, policy->fields[i]->source);
    }
    buffer_put_byte(out, '}');
}

static const struct guard_rule mask_all = {
    .on = {GUARD_MASK, GUARD_MASK}, .kinds = PII_ALL, .source = TEXT_INIT("\"mask\"")};
static const struct guard_rule redact_all = {.on = {GUARD_REDACT, GUARD_REDACT},
                                             .source = TEXT_INIT("\"redact\"")};
const struct guard_policy guard_policy_redacting = {
    .fields = {[GUARD_PII] = &mask_all, [GUARD_SECRETS] = &redact_all}};

static const struct guard_rule block_all = {.on = {GUARD_BLOCK, GUARD_BLOCK},
                                            .kinds = PII_ALL,
                                            .threshold = 1,
                                            .source = TEXT_INIT("\"block\"")};
const struct guard_policy guard_policy_strict = {
    .fields = {
        [GUARD_PII] = &block_all, [GUARD_SECRETS] = &block_all, [GUARD_INJECTION] = &block_all}};
