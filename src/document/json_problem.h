/* document/json_problem.h
 * Private to document: why a text is not JSON that is accepted here, and saying so. */
#pragma once
#include "base/error.h"
#include "document/document.h"

enum json_problem_kind {
    JSON_EXPECTED, /* something else stands there */
    JSON_DEPTH,    /* nested deeper than `limit` */
    JSON_NODES,    /* more than `limit` values and names */
    JSON_DIGITS,   /* a number of more than `limit` digits */
    JSON_BYTES,    /* longer than `limit` bytes */
    JSON_DUPLICATE /* a name written twice; `at` is the second's opening quote */
};

struct json_problem {
    const char *at;       /* the offending byte; the end of the text when it ended too early */
    const char *expected; /* literal; what JSON_EXPECTED is about */
    enum json_problem_kind kind;
    uint32_t limit;
};

enum { PLACE_ROOM = 72 };

/* Writes "byte 17 (line 2, column 5)": byte from 0, line and column (in code points) from 1. */
void json_place(struct text text, size_t byte, char out[PLACE_ROOM]);
/* Fills *err (which may be NULL) with ERROR_INVALID_JSON, where, and a hint if there is one;
 * returns false. */
bool json_problem_set(const struct json_problem *problem, struct text text, struct error *err);
