/* The two presets of what a schema may cost. */
#include "schema/program.h"

const struct schema_limits schema_limits_callers = {
    .bytes = 256 * 1024,
    .subschemas = 5000,
    .nesting = 64,
    .enum_values = 5000,
    .compile_ms = 20,
    .check_steps = CHECK_STEPS_MAX,
    .patterns = &pattern_limits_callers,
    .closed = true,
};
const struct schema_limits schema_limits_authors = {
    .bytes = 4 * 1024 * 1024,
    .subschemas = 100000,
    .nesting = 256,
    .enum_values = 100000,
    .compile_ms = 2000,
    .check_steps = CHECK_STEPS_MAX,
    .patterns = &pattern_limits_authors,
};
