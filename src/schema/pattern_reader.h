/* schema/pattern_reader.h
 * Private to reading patterns: where the reader is, and what it has found wrong. */
#pragma once
#include "schema/pattern_tree.h"

struct reader {
    struct text source;
    size_t at;
    struct arena *arena;
    struct pattern_problem *problem;
    bool strict;
    bool failed;
    unsigned nesting;
    uint32_t groups;    /* capturing, in the whole pattern */
    uint32_t opened;    /* of them, so far */
    struct text *names; /* by group number - 1; empty where it has none */
};

/* The byte `ahead` of the current one; NUL past the end (a NUL in the pattern means nothing). */
static inline char reader_peek(const struct reader *reader, size_t ahead)
{
    return reader->at + ahead < reader->source.len ? reader->source.at[reader->at + ahead] : '\0';
}

static inline bool reader_at_end(const struct reader *reader)
{
    return reader->at >= reader->source.len;
}

/* Moves on if these bytes are next. */
bool reader_take(struct reader *reader, const char *expected);
uint32_t reader_take_code_point(struct reader *reader);
/* Tells what is wrong between `from` and the reader, the first time, and stops reading: nothing is
 * left. */
void reader_refuse(struct reader *reader, size_t from, const char *message);
/* The same about a bracket that nothing closes: only the bracket is shown. */
void reader_refuse_opening(struct reader *reader, size_t from, const char *message);
/* What only annex B allows: refused when strict (false), else remembered, the first of them. */
bool reader_forgive(struct reader *reader, size_t from, const char *message);

/* Escapes and classes, pattern_escape.c. `from` is where the backslash stands; the reader is behind
 * it. */
/* An escape that stands for one code point. */
uint32_t reader_take_character(struct reader *reader, size_t from, bool in_class);
/* Behind "\u": two escaped surrogates are one code point; a lone one stays what it is. */
uint32_t reader_take_unicode(struct reader *reader, size_t from);
/* \d \w \s \p and their complements; false when it is something else. */
bool reader_take_class(struct reader *reader, struct code_set *set, size_t from);
/* One element, or a range of them, of what stands in brackets. */
void reader_take_class_element(struct reader *reader, struct code_set *set);

/* "name>" behind "(?<" or "\k<"; refuses what is no name. pattern_name.c. */
struct text reader_take_name(struct reader *reader, size_t from);
