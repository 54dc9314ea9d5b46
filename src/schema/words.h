/* schema/words.h
 * Private to describing: one text of a violation while it is written, in bytes that the caller has.
 * It is bounded: what does not fit is dropped, and the finished text ends in "..." behind a whole
 * code point. */
#pragma once
#include "base/buffer.h"
#include "document/document.h"

enum { POINTER_BYTES = 512, MESSAGE_BYTES = 300, EXPECTED_BYTES = 200 };
enum {
    JSON_BYTES = 256,  /* of most values of a schema */
    CHOICES_TOLD = 10, /* of a list */
    NAME_SHOWN = 100,
};

struct words {
    char *at;
    size_t len, most;
    bool cut;
    bool fragment; /* pointers are written as they are in the fragment of a URI */
    bool special;  /* a pointer that has been written would have another form there */
};

/* What the bytes of a text are declared with: they need not be zeroed. */
#define WORDS_UNSET __attribute__((uninitialized))

/* `at` has one byte more than `most`, for the NUL. */
static inline void words_begin(struct words *words, char *at, size_t most)
{
    *words = (struct words){.at = at, .most = most};
}
static inline struct text words_text(const struct words *words)
{
    return (struct text){words->at, words->len};
}

/* As words_put where there is too little room. */
void words_put_part(struct words *words, struct text text);
static inline void words_put(struct words *words, struct text text)
{
    if (text.len > words->most - words->len) {
        words_put_part(words, text);
    } else if (text.len > 0) {
        memcpy(words->at + words->len, text.at, text.len);
        words->len += text.len;
    }
}
void words_put_u64(struct words *words, uint64_t value);
/* At most `most` bytes of the text, "..." included when it is cut. */
void words_put_cut(struct words *words, struct text text, size_t most);
/* "3 items", "1 item" */
void words_put_count(struct words *words, uint64_t count, struct text noun);
/* What others named: control characters are escaped as in JSON, so that it stays one line. */
void words_put_name(struct words *words, struct text name, size_t most);
/* A JSON Pointer token with the '/' before it (RFC 6901 section 3). */
void words_put_token(struct words *words, struct text token);
/* The JSON Pointer of a cell, from `root` down; of a key cell, that of its member. Returns the
 * container the cell is in (`root` when it is that itself). */
uint32_t words_put_pointer(struct words *words, const struct cell *cells, uint32_t root,
                           uint32_t at);
/* A value as JSON, made in `scratch`; a large container only by its size. */
void words_put_json(struct words *words, const struct document *document, uint32_t at,
                    struct buffer *scratch);
/* The values of an array, of many the first: "1, 2, 3 and 4 more". */
void words_put_values(struct words *words, const struct document *document, uint32_t array,
                      struct buffer *scratch);
/* Names in quotes, likewise: "'a', 'b' and 'c'", where `last_word` is " and ". */
void words_put_names(struct words *words, const struct text *names, size_t count,
                     struct text last_word);
/* Ends it by "..." if something was dropped, and by a NUL that does not count. */
struct text words_end(struct words *words);
