#include "audit/record_text.h"

#include "unit.h"

TEST(a_record_is_told_whole)
{
    struct audit_record record = {.sequence = 7,
                                  .wall_ms = 1764158400123,
                                  .actor = TEXT("owner"),
                                  .actor_id = TEXT("1000"),
                                  .action = TEXT("token.create"),
                                  .object = TEXT("a \"b\""),
                                  .outcome = TEXT("ok"),
                                  .details = TEXT("{\"n\":1}"),
                                  .hash = {0xab, 1}};
    static const char expected[] =
        "{\"sequence\":7,\"at\":\"2025-11-26T12:00:00.123Z\",\"actor\":\"owner\","
        "\"actor_id\":\"1000\",\"peer\":\"\",\"action\":\"token.create\","
        "\"object\":\"a \\\"b\\\"\",\"outcome\":\"ok\",\"details\":{\"n\":1},"
        "\"request_id\":\"\",\"hash\":\"ab0100000000";
    struct buffer out = {0};

    audit_put_record(&out, &record);
    EXPECT_TEXT(text_first(buffer_text(&out), strlen(expected)), expected);
    out.len = 0;
    record.wall_ms = -1;
    record.details = (struct text){0};
    audit_put_record(&out, &record);
    EXPECT(text_find(buffer_text(&out), TEXT("\"at\":null")) < out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("\"details\":null")) < out.len);
    buffer_release(&out);
}

TEST(a_page_says_where_to_go_on_also_when_nothing_on_it_was_wanted)
{
    struct audit_page page = {.reached = 20000, .more = true};
    struct buffer out = {0};

    audit_put_page(&out, &page);
    EXPECT_TEXT(buffer_text(&out), "{\"object\":\"list\",\"data\":[],\"first_id\":\"20000\","
                                   "\"last_id\":\"20000\",\"has_more\":true}");
    buffer_release(&out);
}

TEST(a_head_is_written_and_read)
{
    struct audit_link link = {.sequence = UINT64_MAX, .hash = {1, 0xff}}, again;
    char text[AUDIT_LINK_CHARS];
    struct text written = audit_link_write(&link, text);

    EXPECT_EQ(written.len, AUDIT_LINK_CHARS);
    EXPECT(audit_link_read(written, &again));
    EXPECT(again.sequence == link.sequence && audit_hash_equal(again.hash, link.hash));
}

TEST(what_is_no_head_is_refused)
{
    static const char *const bad[] = {
        "",
        "7",
        "7:",
        ":0000000000000000000000000000000000000000000000000000000000000000",
        "-1:0000000000000000000000000000000000000000000000000000000000000000",
        "7:000000000000000000000000000000000000000000000000000000000000000",
        "7:00000000000000000000000000000000000000000000000000000000000000000",
        "7:g000000000000000000000000000000000000000000000000000000000000000",
        "7:A000000000000000000000000000000000000000000000000000000000000000",
    };
    struct audit_link link;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT(!audit_link_read(text_of(bad[i]), &link));
}
