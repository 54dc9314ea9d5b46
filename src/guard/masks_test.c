#include "guard/masks.h"

#include "unit.h"

static struct arena arena;

static struct guard_masks fresh(bool keyed, unsigned char key)
{
    struct guard_masks masks = {.arena = &arena, .keyed = keyed};

    memset(masks.key, key, sizeof masks.key);
    return masks;
}

TEST(placeholders_are_counted_over_all_kinds)
{
    struct guard_masks masks = fresh(false, 0);
    struct text value;

    EXPECT_TEXT(guard_masks_put(&masks, TEXT("EMAIL"), TEXT("a@b.co")), "[EMAIL_1]");
    EXPECT_TEXT(guard_masks_put(&masks, TEXT("CARD"), TEXT("4111")), "[CARD_2]");
    EXPECT_TEXT(guard_masks_put(&masks, TEXT("EMAIL"), TEXT("a@b.co")), "[EMAIL_1]");
    EXPECT(guard_masks_find(&masks, TEXT("[CARD_2]"), &value));
    EXPECT_TEXT(value, "4111");
    EXPECT(!guard_masks_find(&masks, TEXT("[EMAIL_2]"), &value));
    arena_release(&arena);
}

TEST(under_a_key_a_value_has_the_same_placeholder_in_every_call_and_another_under_another)
{
    struct guard_masks one = fresh(true, 1), two = fresh(true, 1), other = fresh(true, 2);
    struct text first = guard_masks_put(&one, TEXT("EMAIL"), TEXT("a@b.co"));

    guard_masks_put(&two, TEXT("EMAIL"), TEXT("x@b.co"));
    EXPECT(text_equal(guard_masks_put(&two, TEXT("EMAIL"), TEXT("a@b.co")), first));
    EXPECT(!text_equal(guard_masks_put(&other, TEXT("EMAIL"), TEXT("a@b.co")), first));
    EXPECT_EQ(guard_placeholder(first), first.len);
    arena_release(&arena);
}

TEST(many_values_are_told_apart_and_found_again)
{
    struct guard_masks masks = fresh(true, 3);

    for (int i = 0; i < 20000; i++)
        guard_masks_put(&masks, TEXT("ID"), arena_printf(&arena, "value %d", i));
    EXPECT_EQ(masks.count, 20000);
    for (int i = 0; i < 20000; i++) {
        struct text value = arena_printf(&arena, "value %d", i), back;

        EXPECT(guard_masks_find(&masks, guard_masks_put(&masks, TEXT("ID"), value), &back));
        EXPECT(text_equal(back, value));
    }
    EXPECT_EQ(masks.count, 20000);
    arena_release(&arena);
}

TEST(a_placeholder_is_told_by_its_form)
{
    EXPECT_EQ(guard_placeholder(TEXT("[EMAIL_1] x")), 9);
    EXPECT_EQ(guard_placeholder(TEXT("[MY_KIND_K3QZ7]")), 15);
    EXPECT_EQ(guard_placeholder(TEXT("[EMAIL_]")), 0);
    EXPECT_EQ(guard_placeholder(TEXT("[_1]")), 0);
    EXPECT_EQ(guard_placeholder(TEXT("[EMAIL_1")), 0);
    EXPECT_EQ(guard_placeholder(TEXT("[Email_1]")), 0);
    EXPECT_EQ(guard_placeholder(TEXT("EMAIL_1]")), 0);
}
