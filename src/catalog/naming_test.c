#include "catalog/naming.h"

#include "unit.h"

static struct arena arena;

static void expect(struct text name, const char *wanted)
{
    if (!text_equal(name, text_of(wanted)))
        fail_msg("%.*s in place of %s", TEXT_ARG(name), wanted);
}

TEST(a_slug_becomes_a_name_of_each_kind)
{
    expect(name_camel(TEXT("classify-ticket"), &arena), "classifyTicket");
    expect(name_pascal(TEXT("classify-ticket"), &arena), "ClassifyTicket");
    expect(name_snake(TEXT("classify-ticket"), &arena), "classify_ticket");
    arena_release(&arena);
}

TEST(a_digit_in_front_is_no_beginning_of_a_name_of_types)
{
    expect(name_camel(TEXT("3d-order"), &arena), "3dOrder");
    expect(name_pascal(TEXT("3d-order"), &arena), "_3dOrder");
    expect(name_snake(TEXT("3d-order"), &arena), "_3d_order");
    arena_release(&arena);
}

TEST(slugs_that_differ_have_names_that_differ)
{
    static const struct text slugs[] = {TEXT_INIT("a1"),   TEXT_INIT("a-1"),  TEXT_INIT("ab"),
                                        TEXT_INIT("a-b"),  TEXT_INIT("a--b"), TEXT_INIT("ab-"),
                                        TEXT_INIT("ab--"), TEXT_INIT("a--1")};
    enum { COUNT = sizeof slugs / sizeof *slugs };

    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k < i; k++) {
            EXPECT(!text_equal(name_camel(slugs[i], &arena), name_camel(slugs[k], &arena)));
            EXPECT(!text_equal(name_pascal(slugs[i], &arena), name_pascal(slugs[k], &arena)));
        }
    arena_release(&arena);
}
