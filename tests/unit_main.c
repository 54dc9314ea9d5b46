/* Runs every TEST of the program it is linked into. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { TESTS_MAX = 512 };
static struct CMUnitTest tests[TESTS_MAX];
static size_t test_count;

void unit_register(const char *name, CMUnitTestFunction function)
{
    if (test_count == TESTS_MAX)
        abort();
    tests[test_count++] = (struct CMUnitTest){.name = name, .test_func = function};
}

void unit_expect_text(struct text got, struct text expected, const char *file, int line)
{
    if (text_equal(got, expected))
        return;
    print_error("expected: %.*s\n     got: %.*s\n", TEXT_ARG(expected), TEXT_ARG(got));
    _fail(file, line);
}

int main(void)
{
    return _cmocka_run_group_tests("unit", tests, test_count, NULL, NULL);
}
