#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/cache.h"

#include <pthread.h>

static bool accepts(const struct schema *schema, struct text text)
{
    struct arena arena = {0};
    struct document document;
    bool holds = json_read(text, NULL, &arena, &document, NULL, NULL) &&
                 schema_check(schema, &document, 0, &arena);

    arena_release(&arena);
    return holds;
}

TEST(the_same_bytes_are_compiled_once)
{
    struct schema_cache *cache = schema_cache_new(NULL);
    struct text source = TEXT("{\"type\": \"integer\"}");
    const struct schema_held *first = schema_cache_take(cache, source, NULL);
    const struct schema_held *second = schema_cache_take(cache, source, NULL);

    EXPECT(first != NULL && first == second);
    EXPECT(accepts(schema_of(first), TEXT("7")) && !accepts(schema_of(first), TEXT("\"7\"")));
    EXPECT_EQ(schema_cache_counts(cache).hits, 1);
    EXPECT_EQ(schema_cache_counts(cache).misses, 1);
    schema_cache_return(cache, first);
    schema_cache_return(cache, second);
    schema_cache_free(cache);
}

TEST(the_text_may_go_away_once_it_is_compiled)
{
    struct schema_cache *cache = schema_cache_new(NULL);
    char source[] = "{\"const\": \"kept\"}";
    const struct schema_held *held = schema_cache_take(cache, text_of(source), NULL);

    memset(source, ' ', sizeof source);
    EXPECT(accepts(schema_of(held), TEXT("\"kept\"")));
    schema_cache_return(cache, held);
    schema_cache_free(cache);
}

TEST(a_broken_schema_is_remembered_with_its_error)
{
    struct schema_cache *cache = schema_cache_new(NULL);
    struct error first = {0}, second = {0};

    EXPECT(schema_cache_take(cache, TEXT("{\"type\": \"strin\"}"), &first) == NULL);
    EXPECT(schema_cache_take(cache, TEXT("{\"type\": \"strin\"}"), &second) == NULL);
    EXPECT_EQ(first.code, ERROR_INVALID_REQUEST);
    EXPECT_STR(first.at, "/type");
    EXPECT_STR(first.message, "the schema cannot be used: 'strin' is not the name of a type");
    EXPECT_STR(first.hint, "did you mean 'string'?");
    EXPECT_STR(second.message, first.message);
    EXPECT_EQ(schema_cache_counts(cache).hits, 1);
    EXPECT(schema_cache_take(cache, TEXT("{\"type\": "), &first) == NULL);
    EXPECT_EQ(first.code, ERROR_INVALID_JSON);
    EXPECT_STR(first.at, "byte 9 (line 1, column 10)");
    schema_cache_free(cache);
}

TEST(what_is_unused_longest_goes_first)
{
    struct schema_cache *cache = schema_cache_new(&(struct schema_cache_limits){.entries = 2});
    struct text a = TEXT("{\"const\":1}"), b = TEXT("{\"const\":2}"), c = TEXT("{\"const\":3}");

    schema_cache_return(cache, schema_cache_take(cache, a, NULL));
    schema_cache_return(cache, schema_cache_take(cache, b, NULL));
    schema_cache_return(cache, schema_cache_take(cache, a, NULL));
    schema_cache_return(cache, schema_cache_take(cache, c, NULL));
    EXPECT_EQ(schema_cache_counts(cache).entries, 2);
    EXPECT_EQ(schema_cache_counts(cache).evictions, 1);
    schema_cache_return(cache, schema_cache_take(cache, a, NULL));
    EXPECT_EQ(schema_cache_counts(cache).hits, 2);
    schema_cache_return(cache, schema_cache_take(cache, b, NULL));
    EXPECT_EQ(schema_cache_counts(cache).misses, 4);
    schema_cache_free(cache);
}

TEST(a_schema_in_use_outlives_its_place_in_the_cache)
{
    struct schema_cache *cache = schema_cache_new(&(struct schema_cache_limits){.entries = 1});
    const struct schema_held *held = schema_cache_take(cache, TEXT("{\"const\":1}"), NULL);

    schema_cache_return(cache, schema_cache_take(cache, TEXT("{\"const\":2}"), NULL));
    EXPECT_EQ(schema_cache_counts(cache).entries, 1);
    EXPECT(accepts(schema_of(held), TEXT("1")));
    schema_cache_return(cache, held);
    schema_cache_free(cache);
}

TEST(bytes_are_bounded_as_well)
{
    struct schema_cache *cache = schema_cache_new(&(struct schema_cache_limits){.bytes = 100000});

    for (int i = 0; i < 100; i++) {
        struct arena arena = {0};
        struct text source = arena_printf(&arena, "{\"minLength\": %d}", i);

        schema_cache_return(cache, schema_cache_take(cache, source, NULL));
        EXPECT(schema_cache_counts(cache).bytes <= 100000);
        arena_release(&arena);
    }
    EXPECT(schema_cache_counts(cache).evictions > 0);
    schema_cache_free(cache);
}

enum { THREADS = 4, ROUNDS = 300, SCHEMAS = 8 };

static void *take_and_check(void *cache)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct arena arena = {0};
        unsigned which = i * 7 % SCHEMAS;
        const struct schema_held *held =
            schema_cache_take(cache, arena_printf(&arena, "{\"const\": %u}", which), NULL);

        assert_true(accepts(schema_of(held), arena_printf(&arena, "%u", which)));
        assert_false(accepts(schema_of(held), arena_printf(&arena, "%u", which + 1)));
        schema_cache_return(cache, held);
        arena_release(&arena);
    }
    return NULL;
}

TEST(threads_share_a_cache_that_is_too_small_for_them)
{
    struct schema_cache *cache = schema_cache_new(&(struct schema_cache_limits){.entries = 3});
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_check, cache), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    EXPECT(schema_cache_counts(cache).entries <= 3);
    EXPECT_EQ(schema_cache_counts(cache).hits + schema_cache_counts(cache).misses,
              THREADS * ROUNDS);
    schema_cache_free(cache);
}
