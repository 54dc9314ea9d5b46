/* schema/pattern_table.h
 * Private to the patterns: a deterministic automaton built ahead, whole. */
#pragma once
#include "schema/pattern_nfa.h"

/* A state is where its row begins. Row 0 is the dead state, the next one (which is `columns`) the
 * state that matches whatever follows; nothing leaves these two. */
struct pattern_table {
    uint16_t *next;   /* [state + byte class]; the last column is the end of the subject */
    uint16_t columns; /* 0: there is no table */
    uint16_t start;
    uint8_t byte_class[256];
};

enum { TABLE_ENTRIES_MAX = 60000 };

/* Builds the table in the arena; false when it needs more than `most` entries. */
bool table_build(struct pattern_table *out, const struct nfa *nfa, uint32_t most,
                 struct arena *arena);

/* Whether a state is one of the two. */
static inline bool table_decided(const struct pattern_table *table, uint32_t state)
{
    return state <= table->columns;
}

static inline uint32_t table_step(const struct pattern_table *table, uint32_t state, char byte)
{
    return table->next[state + table->byte_class[(uint8_t)byte]];
}

static inline uint32_t table_step_four(const struct pattern_table *table, uint32_t state,
                                       const char *at)
{
    state = table_step(table, state, at[0]);
    state = table_step(table, state, at[1]);
    state = table_step(table, state, at[2]);
    return table_step(table, state, at[3]);
}

/* Whether a subject that ends at the state matches. */
static inline bool table_end(const struct pattern_table *table, uint32_t state)
{
    return table->next[state + table->columns - 1] != 0;
}

/* Whether a subject matches. Four bytes are taken between looks at whether it is decided. */
static inline bool table_match(const struct pattern_table *table, struct text subject)
{
    const char *at = subject.at;
    uint32_t state = table->start;
    size_t left = subject.len;

    for (; left >= 4 && !table_decided(table, state); at += 4, left -= 4)
        state = table_step_four(table, state, at);
    if (table_decided(table, state))
        return state != 0;
    for (; left > 0; left--)
        state = table_step(table, state, *at++);
    return table_end(table, state);
}
