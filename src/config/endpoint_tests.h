/* config/endpoint_tests.h
 * Private to config: reading the tests of one file. */
#pragma once
#include "config/load.h"

#define ANY_VALUE                                                                                  \
    (KEY_OF(CELL_NULL) | KEY_OF(CELL_BOOLEAN) | KEY_OF(CELL_INTEGER) | KEY_OF(CELL_NUMBER) |       \
     KEY_OF(CELL_STRING) | KEY_OF(CELL_ARRAY) | KEY_OF(CELL_OBJECT))

struct testing {
    struct load *load;
    const struct document *document;
    const struct endpoint *endpoint;
    struct reading reading;
    bool refusal_expected; /* the test asserts status 422 */
};

extern const struct keys assertion_table;
/* Reports at `cell` what is wrong with a test; `form` says how it is written, or is NULL. */
void test_malformed(struct testing *t, uint32_t cell, const char *what, const char *form);
/* The assertion at cell `at`, as far as it is sound. */
void assertion_load(struct testing *t, uint32_t at, struct test_assertion *out);
