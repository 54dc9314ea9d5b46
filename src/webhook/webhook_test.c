#include "webhook/signature.h"
#include "webhook/webhook.h"

#include "unit.h"

/* By Python's hmac. */
#define SIGNED                                                                                     \
    "t=1764212400,v1=1b0650ea48591d9bf1524f8f578e2afee93624b89e422f7053c7e5d2b20e5337,v1="         \
    "aaff87bd23c5b648c93f8a79323a22f8bc41782dc3df43ceec19a882af3472cb"

TEST(what_is_told_depends_on_the_event_and_its_level)
{
    EXPECT_EQ(webhook_event_of(LOG_WARN, "budget"), WEBHOOK_BUDGET);
    EXPECT_EQ(webhook_event_of(LOG_INFO, "breaker"), WEBHOOK_BREAKER);
    EXPECT_EQ(webhook_event_of(LOG_ERROR, "reload"), WEBHOOK_RELOAD);
    EXPECT_EQ(webhook_event_of(LOG_INFO, "reload"), WEBHOOK_EVENT_COUNT);
    EXPECT_EQ(webhook_event_of(LOG_INFO, "audit.token.create"), WEBHOOK_AUDIT);
    EXPECT_EQ(webhook_event_of(LOG_ERROR, "audit.lost"), WEBHOOK_STORAGE);
    EXPECT_EQ(webhook_event_of(LOG_ERROR, "webhook"), WEBHOOK_EVENT_COUNT); /* or it had no end */
    EXPECT_EQ(webhook_event_of(LOG_WARN, "invalid_output"), WEBHOOK_EVENT_COUNT);
    EXPECT_EQ(webhook_event_of(LOG_WARN, "budgets"), WEBHOOK_EVENT_COUNT);
}

TEST(every_kind_has_a_word_of_its_own)
{
    for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++)
        for (int j = 0; j < i; j++)
            EXPECT(strcmp(webhook_event_word(i), webhook_event_word(j)) != 0);
    EXPECT((webhook_usual_events() & 1u << WEBHOOK_BUDGET) != 0);
    EXPECT((webhook_usual_events() & 1u << WEBHOOK_AUDIT) == 0);
}

TEST(a_signature_is_over_the_time_and_the_body_once_for_each_secret)
{
    const struct text secrets[] = {TEXT("0123456789abcdef"), TEXT("Jefe")};
    struct buffer out = {0}, again = {0};

    signature_put(&out, secrets, 2, 1764212400, TEXT("what do ya want for nothing?"));
    EXPECT_TEXT(buffer_text(&out), SIGNED);
    signature_put(&again, secrets, 2, 1764212401, TEXT("what do ya want for nothing?"));
    EXPECT(!text_equal(text_after(buffer_text(&out), 13), text_after(buffer_text(&again), 13)));
    buffer_release(&out);
    buffer_release(&again);
}
