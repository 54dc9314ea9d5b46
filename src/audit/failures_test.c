#include "audit/failures.h"

#include "unit.h"

#include <stdio.h>

static struct audit_failure taken[AUDIT_FAILURES_MAX + 1];

TEST(refusals_of_one_address_for_one_reason_are_one_record_with_a_count)
{
    struct audit_failures failures = {0};

    for (int i = 0; i < 5; i++)
        audit_failures_note(&failures, TEXT("192.0.2.1"), "invalid_token", 1000 + i);
    audit_failures_note(&failures, TEXT("192.0.2.1"), "expired_token", 2000);
    audit_failures_note(&failures, TEXT("192.0.2.2"), "invalid_token", 3000);
    EXPECT_EQ(audit_failures_take(&failures, taken), 3);
    EXPECT_STR(taken[0].address, "192.0.2.1");
    EXPECT_EQ(taken[0].count, 5);
    EXPECT_EQ(taken[0].first_ms, 1000);
    EXPECT_EQ(taken[0].last_ms, 1004);
    EXPECT_STR(taken[1].reason, "expired_token");
    EXPECT_EQ(audit_failures_take(&failures, taken), 0);
}

TEST(an_ipv6_network_is_one_address)
{
    struct audit_failures failures = {0};

    audit_failures_note(&failures, TEXT("2001:db8:1:2:aaaa::1"), "invalid_token", 1);
    audit_failures_note(&failures, TEXT("2001:db8:1:2:bbbb::2"), "invalid_token", 2);
    audit_failures_note(&failures, TEXT("2001:db8:1:3::1"), "invalid_token", 3);
    EXPECT_EQ(audit_failures_take(&failures, taken), 2);
    EXPECT_STR(taken[0].address, "2001:db8:1:2::/64");
    EXPECT_EQ(taken[0].count, 2);
}

static void knock(struct audit_failures *failures, unsigned from, unsigned count, int64_t wall_ms)
{
    char address[32];

    for (unsigned i = 0; i < count; i++) {
        snprintf(address, sizeof address, "10.0.%u.%u", (from + i) / 256 % 256, (from + i) % 256);
        audit_failures_note(failures, text_of(address), "invalid_token", wall_ms);
    }
}

TEST(many_addresses_at_once_share_one_record_and_none_is_uncounted)
{
    struct audit_failures failures = {0};

    knock(&failures, 0, 1000, 7);
    EXPECT_EQ(audit_failures_take(&failures, taken), AUDIT_FAILURES_MAX + 1);
    EXPECT_STR(taken[AUDIT_FAILURES_MAX].address, "");
    EXPECT_STR(taken[AUDIT_FAILURES_MAX].reason, "various");
    EXPECT_EQ(taken[AUDIT_FAILURES_MAX].count, 1000 - AUDIT_FAILURES_MAX);
}

TEST(a_day_of_knocking_leaves_a_bounded_number_of_records)
{
    struct audit_failures failures = {0};
    size_t records = 0;

    for (unsigned minute = 0; minute < 1440; minute++) {
        knock(&failures, minute * 40, 40, 60000LL * minute);
        records += audit_failures_take(&failures, taken);
    }
    EXPECT_EQ(records, AUDIT_FAILURES_A_DAY + 1440);
    knock(&failures, 0, 1, 86400000); /* the next day */
    EXPECT_EQ(audit_failures_take(&failures, taken), 1);
    EXPECT_STR(taken[0].address, "10.0.0.0");
}
