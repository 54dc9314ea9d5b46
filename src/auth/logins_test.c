#include "auth/logins.h"

#include "unit.h"

static const unsigned char one[STORE_DIGEST_BYTES] = {1}, other[STORE_DIGEST_BYTES] = {2};

struct secret {
    char chars[LOGIN_SECRET_CHARS];
};

static struct secret begin(struct logins *logins, const unsigned char *token, uint64_t now_ms)
{
    struct secret secret;

    logins_begin(logins, TOKEN_ADMIN, token, now_ms, secret.chars);
    return secret;
}

static bool use(struct logins *logins, const struct secret *secret, uint64_t now_ms)
{
    struct login login;

    return logins_use(logins, (struct text){secret->chars, sizeof secret->chars}, now_ms, &login);
}

TEST(a_login_stands_for_the_token_it_began_with)
{
    struct logins *logins = logins_new();
    struct secret secret = begin(logins, one, 5);
    struct login login;

    EXPECT(logins_use(logins, (struct text){secret.chars, sizeof secret.chars}, 6, &login));
    EXPECT_EQ(memcmp(login.digest, one, sizeof one), 0);
    EXPECT_EQ(login.kind, TOKEN_ADMIN);
    EXPECT_EQ(login.ends_at_latest_ms, 5 + (uint64_t)LOGIN_LIFE_MS);
    EXPECT(!logins_use(logins, TEXT("no such"), 6, &login));
    EXPECT(!logins_use(logins, (struct text){0}, 6, &login));
    secret.chars[0] = secret.chars[0] == '0' ? '1' : '0';
    EXPECT(!use(logins, &secret, 6));
    logins_free(logins);
}

TEST(a_login_that_is_not_used_ends_and_one_that_is_does_not)
{
    struct logins *logins = logins_new();
    struct secret idle = begin(logins, one, 0), busy = begin(logins, one, 0);

    EXPECT(use(logins, &busy, LOGIN_IDLE_MS - 1));
    EXPECT(!use(logins, &idle, LOGIN_IDLE_MS));
    EXPECT(!use(logins, &idle, 1)); /* for good */
    EXPECT(use(logins, &busy, 2 * (uint64_t)LOGIN_IDLE_MS - 2));
    logins_free(logins);
}

TEST(a_login_ends_in_any_case)
{
    struct logins *logins = logins_new();
    struct secret secret = begin(logins, one, 0);
    uint64_t now_ms = 0;

    for (; now_ms < LOGIN_LIFE_MS; now_ms += LOGIN_IDLE_MS / 2)
        EXPECT(use(logins, &secret, now_ms));
    EXPECT(!use(logins, &secret, now_ms));
    logins_free(logins);
}

TEST(a_logout_is_for_good_and_for_that_browser_only)
{
    struct logins *logins = logins_new();
    struct secret here = begin(logins, one, 0), there = begin(logins, one, 0);

    logins_end(logins, (struct text){here.chars, sizeof here.chars});
    logins_end(logins, TEXT("no such"));
    EXPECT(!use(logins, &here, 1));
    EXPECT(use(logins, &there, 1));
    logins_free(logins);
}

TEST(one_login_too_many_ends_the_one_of_that_token_used_longest_ago)
{
    struct logins *logins = logins_new();
    struct secret foreign = begin(logins, other, 0), first = begin(logins, one, 1);
    struct secret second = begin(logins, one, 2);

    for (uint64_t i = 2; i < LOGINS_A_TOKEN; i++)
        begin(logins, one, 1 + i);
    EXPECT(use(logins, &first, 100));
    begin(logins, one, 101);
    EXPECT(use(logins, &foreign, 102));
    EXPECT(use(logins, &first, 102));
    EXPECT(!use(logins, &second, 102));
    logins_free(logins);
}

TEST(logins_of_many_tokens_are_bounded)
{
    struct logins *logins = logins_new();
    struct secret first = begin(logins, one, 0), last = {0};

    for (unsigned i = 0; i < LOGINS_MAX; i++) {
        unsigned char token[STORE_DIGEST_BYTES] = {9, (unsigned char)(i >> 8), (unsigned char)i};

        last = begin(logins, token, 1 + i);
    }
    EXPECT(!use(logins, &first, 2000));
    EXPECT(use(logins, &last, 2000));
    logins_free(logins);
}

TEST(what_a_page_proves_follows_from_the_secret_and_tells_nothing_of_it)
{
    struct logins *logins = logins_new();
    struct secret secret = begin(logins, one, 0), another = begin(logins, one, 0);
    char proof[LOGIN_PROOF_CHARS], again[LOGIN_PROOF_CHARS], others[LOGIN_PROOF_CHARS];

    login_proof((struct text){secret.chars, sizeof secret.chars}, proof);
    login_proof((struct text){secret.chars, sizeof secret.chars}, again);
    login_proof((struct text){another.chars, sizeof another.chars}, others);
    EXPECT_EQ(memcmp(proof, again, sizeof proof), 0);
    EXPECT(memcmp(proof, others, sizeof proof) != 0);
    EXPECT(memcmp(proof, secret.chars, sizeof proof) != 0);
    logins_free(logins);
}
