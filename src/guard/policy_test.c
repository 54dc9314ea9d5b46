#include "guard/guard_fixture.h"
#include "unit.h"

static void expect_refused(const char *policy, const char *problem)
{
    struct fixture f;

    EXPECT(!fixture_init(&f, policy));
    EXPECT_STR(f.problem, problem);
    arena_release(&f.arena);
}

TEST(the_narrower_wins_field_by_field)
{
    struct fixture wide, narrow;
    struct guard_policy both;
    struct buffer out = {0};

    EXPECT(fixture_init(&wide, "{\"pii\":\"mask\",\"secrets\":\"block\",\"max_chars\":9}"));
    EXPECT(fixture_init(&narrow, "{\"pii\":\"off\",\"max_chars\":{\"output\":4}}"));
    both = guard_policy_merge(&wide.policy, &narrow.policy);
    guard_policy_put(&out, &both);
    EXPECT_TEXT(buffer_text(&out),
                "{\"pii\":\"off\",\"secrets\":\"block\",\"max_chars\":{\"output\":4}}");
    EXPECT(guard_policy_on(&both, GUARD_INPUT));
    both = guard_policy_merge(NULL, &narrow.policy);
    EXPECT(!guard_policy_on(&both, GUARD_INPUT) && guard_policy_on(&both, GUARD_OUTPUT));
    buffer_release(&out);
    arena_release(&wide.arena);
    arena_release(&narrow.arena);
}

TEST(off_switches_all_of_it_off)
{
    struct fixture wide, narrow;
    struct guard_policy both;

    EXPECT(fixture_init(&wide, "{\"pii\":\"restore\",\"words\":{\"block\":[\"x\"]}}"));
    EXPECT(guard_restores(&wide.policy) && guard_policy_on(&wide.policy, GUARD_OUTPUT));
    EXPECT(fixture_init(&narrow, "\"off\""));
    both = guard_policy_merge(&wide.policy, &narrow.policy);
    EXPECT(!guard_policy_on(&both, GUARD_INPUT) && !guard_policy_on(&both, GUARD_OUTPUT));
    arena_release(&wide.arena);
    arena_release(&narrow.arena);
}

TEST(what_cannot_be_is_refused_with_what_to_write_instead)
{
    expect_refused("[]", "E0103 'guardrails' is a mapping, or off; write guardrails: {pii: mask, "
                         "secrets: block}");
    expect_refused("{\"pii\":{\"kinds\":[\"email\"]}}",
                   "E0101 'pii' does not say what is to be done; add input: mask, output: mask, or "
                   "both");
    expect_refused("{\"pii\":{\"input\":\"mask\",\"patterns\":{\"a\":\"(a\"}}}",
                   "E0204 the '(' is never closed; a pattern of a guardrail has at most 500 bytes "
                   "and neither back-references nor look-around");
    expect_refused("{\"words\":{\"block\":[\"...\"]}}",
                   "E0106 a word to block is a text of 1 to 16 words, with letters or digits in "
                   "it; quote what would be a number or a yes: block: [\"42\", \"no\"]");
}
