/* store/log_record.h
 * Rows of the request log. Many of them are stored as one value, in the order in which they were
 * written; a row is known by the place that it has there. */
#pragma once
#include "base/buffer.h"
#include "store/token_record.h"

struct log_row {
    int64_t wall_ms; /* when it was written */
    uint64_t duration_us;
    int status;
    struct text line; /* one JSON object */
};

/* Begins a row at the end of `rows`; its line is then appended, and the row ended with what
 * log_row_begin gave. */
size_t log_row_begin(struct buffer *rows);
void log_row_end(struct buffer *rows, size_t at, int64_t wall_ms, uint64_t duration_us, int status);
/* Takes the first row off *rows, borrowing from it; false when there is none, or it is no row. */
bool log_row_take(struct text *rows, struct log_row *out);

/* What was said in a request, for endpoints that keep it: known by its request's id and the time at
 * which it is forgotten, which the request's row names. */
enum { LOG_REQUEST_ID_BYTES_MAX = 128 };
struct log_content {
    int64_t expires_ms;
    struct text request_id;
    struct text token_id; /* whose request it was */
    struct text json;     /* one JSON object */
};

/* Members of a row by which it can be looked for; their values are strings. */
#define LOG_WORDS(X)                                                                               \
    X(REQUEST, "request_id")                                                                       \
    X(TRACE, "trace_id")                                                                           \
    X(PROJECT, "project")                                                                          \
    X(ENDPOINT, "endpoint")                                                                        \
    X(TOKEN, "token_id")                                                                           \
    X(SESSION, "session_id")                                                                       \
    X(PROVIDER, "provider")                                                                        \
    X(MODEL, "model")                                                                              \
    X(CODE, "code")                                                                                \
    X(SURFACE, "surface")

enum log_word {
#define X(name, word) LOG_##name,
    LOG_WORDS(X)
#undef X
        LOG_WORD_COUNT
};
const char *log_word(enum log_word word);

/* Where a row stands. Rows written later stand behind it. */
struct log_place {
    int64_t wall_ms; /* with `number` the key of its block; times are never negative */
    uint64_t number;
    uint32_t row; /* in the block */
};
enum { LOG_PLACE_CHARS = 4 + 40 };
/* "log_" and 40 hex digits. */
void log_place_write(const struct log_place *place, char out[LOG_PLACE_CHARS]);
bool log_place_read(struct text text, struct log_place *out);
bool log_place_same(const struct log_place *a, const struct log_place *b);

/* What is looked for: rows that are all of it. */
struct log_query {
    struct text words[LOG_WORD_COUNT]; /* empty: anything */
    const struct token_tag *tags;      /* at most TOKEN_TAGS_MAX */
    size_t tag_count;
    int status;             /* 0: any; 1 to 5: of that hundred */
    int64_t from_ms, to_ms; /* written at or after, and before; 0: any time */
    uint64_t min_duration_us;
    bool oldest_first;
    bool has_after;
    struct log_place after; /* only rows behind it, in the order of reading */
    size_t most;            /* rows */
};
/* With all that it borrows copied into the arena. */
struct log_query log_query_copy(struct arena *arena, const struct log_query *query);
/* A page of rows. It may be short, or even empty, and still not be the last one: one read looks at
 * a bounded part of the log. */
struct log_page {
    const struct log_row *rows;
    const struct log_place *places;
    size_t count;
    bool more;             /* go on behind `last` */
    struct log_place last; /* that was looked at */
    size_t seen;           /* blocks; 0: `last` says nothing */
    size_t damaged;        /* ... that do not read, and were left out */
    bool gap; /* oldest first: the block of `after` is there no more, so others may be missing */
};
