/* config/expectation.h
 * A test of an endpoint, as its author wrote it and as it was checked: what is sent, and what has
 * to hold of the answer. Part of the configuration; who runs it is another matter. */
#pragma once
#include "schema/schema.h"

enum assertion_type {
    ASSERT_EQUALS,
    ASSERT_CONTAINS,
    ASSERT_ICONTAINS,
    ASSERT_REGEX,
    ASSERT_IS_JSON,
    ASSERT_JSON_SCHEMA,
    ASSERT_JSON_POINTER,
    ASSERT_MAX_LATENCY,
    ASSERT_MAX_COST,
    ASSERT_MAX_TOKENS,
    ASSERT_ROUTE,
    ASSERT_STATUS,
    ASSERTION_TYPE_COUNT
};
/* "json-pointer" */
const char *assertion_type_name(enum assertion_type type);

struct test_assertion {
    enum assertion_type type;
    uint32_t value;              /* cell of the test's document; CELL_NONE: none */
    struct text pointer;         /* of the part of the output that is meant; empty: all of it */
    const struct schema *schema; /* of ASSERT_JSON_SCHEMA */
};

enum { TEST_HEADERS_MAX = 32 };

/* Who calls, as far as a route may depend on it; empty: a caller of no particular kind. */
struct test_caller {
    struct text name, project;
    uint32_t tags; /* cell: a mapping of strings; CELL_NONE: none */
};

struct endpoint_test {
    struct text name;
    const struct document *document;
    uint32_t at;    /* cell of the test */
    uint32_t input; /* what a caller sends as the input */
    const struct test_assertion *assertions;
    size_t assertion_count;
    bool stream;      /* the answer is asked for as a stream */
    int64_t at_ms;    /* when it is called, wall time; 0: now */
    uint32_t headers; /* cell: a mapping of strings; CELL_NONE: none */
    struct test_caller caller;
};
