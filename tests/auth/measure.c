/* How long it takes to say who bears a token, among many: auth_measure [tokens]. Each look-up is of
 * another token than the ones before, so that nothing of it is in the caches. */
#include "auth/token_table.h"
#include "base/check.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 1000000, LOOK_UPS = 200000, ROUNDS = 5 };

static void fill(struct token_table *table, const struct token_key *key, char *secrets,
                 size_t count)
{
    static const struct text scopes[] = {TEXT_INIT("support-*")};
    char id[32];

    for (size_t i = 0; i < count; i++) {
        char *secret = secrets + i * TOKEN_CHARS;
        struct token_record token = {.name = TEXT("desk"),
                                     .hint = TEXT("abcd"),
                                     .scopes = scopes,
                                     .scope_count = 1,
                                     TOKEN_DEFAULTS};

        snprintf(id, sizeof id, "tok_%026zu", i);
        token.id = text_of(id);
        token_secret_new(TOKEN_CALL, false, secret);
        token_digest(key, (struct text){secret, TOKEN_CHARS}, token.digest);
        token_table_put(table, &token);
    }
}

/* The secrets in the order in which they are asked for, one behind the other, as a request's head
 * is in the caches too. */
static char *choose(const char *secrets, size_t count)
{
    char *chosen = malloc((size_t)LOOK_UPS * TOKEN_CHARS);

    CHECK(chosen != NULL);
    for (size_t i = 0, at = 0; i < LOOK_UPS; i++, at = (at + 7919) % count)
        memcpy(chosen + i * TOKEN_CHARS, secrets + at * TOKEN_CHARS, TOKEN_CHARS);
    return chosen;
}

/* Nanoseconds of one look-up, on average. */
static double look_up(struct token_table *table, const char *chosen)
{
    uint64_t began_us = clock_thread_us();
    const struct token_record *token;

    for (size_t i = 0; i < LOOK_UPS; i++)
        CHECK(token_table_authenticate(table, TOKEN_CALL,
                                       (struct text){chosen + i * TOKEN_CHARS, TOKEN_CHARS}, 1,
                                       &token, NULL));
    return (double)(clock_thread_us() - began_us) * 1e3 / LOOK_UPS;
}

int main(int argc, char **argv)
{
    static const struct token_key key = {{1, 2, 3}};
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : TOKENS;
    struct token_table *table = token_table_new(&key);
    char *secrets = malloc(count * TOKEN_CHARS), *chosen;
    double best = 1e9;

    CHECK(secrets != NULL && count > 0);
    fill(table, &key, secrets, count);
    chosen = choose(secrets, count);
    for (int i = 0; i < ROUNDS; i++) {
        double ns = look_up(table, chosen);

        best = ns < best ? ns : best;
    }
    printf("%zu tokens: %.0f ns to authenticate, the best of %d rounds\n", count, best, ROUNDS);
    token_table_free(table);
    free(secrets);
    free(chosen);
    return 0;
}
