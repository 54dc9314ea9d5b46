/* catalog/example.h
 * Private to the catalog: what an endpoint's tests say about its calls, as examples of them. */
#pragma once
#include "config/config.h"

/* The i-th test that is a call which is meant to succeed; NULL behind the last. */
const struct endpoint_test *example_at(const struct endpoint *endpoint, size_t i);
/* What is sent, as the whole body of a call: compact JSON in the arena. */
struct text example_body(const struct endpoint *endpoint, const struct endpoint_test *test,
                         struct arena *arena);
/* A body of that input, which is JSON, whatever its members are called. */
struct text example_wrapped(const struct endpoint *endpoint, struct text input,
                            struct arena *arena);
/* What the test says the output is, as compact JSON; empty where it says that only of parts. */
struct text example_output(const struct endpoint_test *test, struct arena *arena);
