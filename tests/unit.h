/* tests/unit.h
 * One behaviour per TEST, its name a sentence. A thin face on cmocka: tests register themselves,
 * and tests/unit_main.c runs those of one program. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"

void unit_register(const char *name, CMUnitTestFunction function);

#define TEST(name)                                                                                 \
    static void name(void **state);                                                                \
    __attribute__((constructor)) static void name##_register(void)                                 \
    {                                                                                              \
        unit_register(#name, name);                                                                \
    }                                                                                              \
    static void name(__attribute__((unused)) void **state)

#define EXPECT(condition) assert_true(condition)
#define EXPECT_EQ(a, b)   assert_int_equal((a), (b))
#define EXPECT_STR(a, b)  assert_string_equal((a), (b))
#define EXPECT_TEXT(a, b) unit_expect_text((a), text_of(b), __FILE__, __LINE__)
void unit_expect_text(struct text got, struct text expected, const char *file, int line);
