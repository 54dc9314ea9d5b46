/* guard/policy_reader.h
 * Private to policy_*.c: what is handed around while guardrails are read. */
#pragma once
#include "guard/policy.h"

struct policy_reader {
    const struct document *document;
    struct arena *arena;
    guard_report *report;
    void *context;
    bool good;
};

static inline enum cell_type policy_type(const struct policy_reader *r, uint32_t at)
{
    return (enum cell_type)r->document->cells[at].type;
}
#define NEXT_MEMBER(r, key)    document_next((r)->document, (key) + 1)
#define MEMBERS_END(r, object) document_next((r)->document, (object))

void policy_complain(struct policy_reader *r, uint32_t cell, enum diagnostic_code code,
                     const char *message, const char *hint);
/* The place among the names that the key has, or -1 after a complaint. */
int policy_member(struct policy_reader *r, uint32_t key, const struct text *names, size_t count);
/* What a field is to do, in a word, and on one side. */
bool policy_action(struct policy_reader *r, uint32_t at, enum guard_field field,
                   enum guard_action *out);
void policy_side(struct policy_reader *r, uint32_t at, enum guard_field field, enum guard_side side,
                 struct guard_rule *rule);
/* A mapping that says of neither side what is to be done does nothing. */
void policy_expect_sides(struct policy_reader *r, uint32_t at, enum guard_field field, bool said);

/* Where one word is written for both sides. */
static inline void policy_act_on_both(struct guard_rule *rule, enum guard_action action)
{
    rule->on[GUARD_INPUT] = rule->on[GUARD_OUTPUT] = action;
}

/* policy_pii.c */
void policy_read_pii(struct policy_reader *r, uint32_t at, struct guard_rule *rule);
