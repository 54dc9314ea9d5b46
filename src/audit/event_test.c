#include "audit/event.h"

#include "unit.h"

TEST(every_action_and_actor_has_a_word_of_its_own)
{
    for (int i = 0; i < AUDIT_ACTION_COUNT; i++) {
        struct text word = text_of(audit_action_word((enum audit_action)i));

        EXPECT(word.len > 2 && memchr(word.at, '.', word.len) != NULL);
        for (int k = 0; k < i; k++)
            EXPECT(!text_equal(word, text_of(audit_action_word((enum audit_action)k))));
    }
    for (int i = 0; i < AUDIT_ACTOR_COUNT; i++)
        EXPECT(audit_actor_word((enum audit_actor)i) != NULL);
}

TEST(an_action_is_of_its_own_kind_and_of_its_first_words)
{
    EXPECT(audit_action_is(TEXT("token.create"), TEXT("token")));
    EXPECT(audit_action_is(TEXT("token.create"), TEXT("token.create")));
    EXPECT(!audit_action_is(TEXT("token.create"), TEXT("tok")));
    EXPECT(!audit_action_is(TEXT("token"), TEXT("token.create")));
}

TEST(what_clients_chose_is_made_printable_and_cut)
{
    char many[AUDIT_TEXT_BYTES_MAX + 50], more[AUDIT_DETAIL_BYTES_MAX + 1];
    struct audit_event event = {.object = TEXT("a\x01\xff"
                                               "b\xc3\xa9\x7f"),
                                .request_id = {many, sizeof many},
                                .details = {more, sizeof more}};
    struct arena arena = {0};
    struct audit_event *copy;

    memset(many, 'x', sizeof many);
    memset(more, 'x', sizeof more);
    many[AUDIT_TEXT_BYTES_MAX - 1] = '\xc3'; /* the cut is in the midst of a character */
    copy = audit_event_copy(&arena, &event);
    EXPECT_TEXT(copy->object, "a??b\xc3\xa9?");
    EXPECT_EQ(copy->request_id.len, AUDIT_TEXT_BYTES_MAX);
    EXPECT_EQ(copy->request_id.at[AUDIT_TEXT_BYTES_MAX - 1], '?');
    EXPECT_TEXT(copy->details, "{\"left_out\":\"too long\"}");
    EXPECT_TEXT(copy->outcome, "ok");
    arena_release(&arena);
}
