/* Entries hang in one list by name; tables hold counts on them. Only the swap of a configuration
 * and a scrape of metrics walk it, so a lock and a list do. */
#include "gateway/health.h"

#include "base/buffer.h"
#include "base/check.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum { NAME_DIGEST = 32 };

struct entry {
    struct entry *next;
    unsigned char name[NAME_DIGEST]; /* of what it is about; keys are no part of any text here */
    size_t holders;
    struct arena arena; /* its texts */
    bool is_target;
    union {
        struct target_health target;
        struct provider_health provider;
    };
};

enum { SLOTS = 1024 };
struct health {
    pthread_mutex_t lock;
    struct entry *slots[SLOTS];
};

struct health *health_new(void)
{
    struct health *health = calloc(1, sizeof *health);

    CHECK(health != NULL);
    pthread_mutex_init(&health->lock, NULL);
    return health;
}

void health_free(struct health *health)
{
    if (health == NULL)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        CHECK(health->slots[i] == NULL);
    pthread_mutex_destroy(&health->lock);
    free(health);
}

/* Each part with its length, so that no two lists of parts read alike. */
static void put_part(struct buffer *name, struct text part)
{
    buffer_put_u64(name, part.len);
    buffer_put_byte(name, ':');
    buffer_put(name, part);
}

/* A key leaves no copy of itself. */
static void put_digest(struct buffer *name, struct text key)
{
    unsigned char digest[NAME_DIGEST];

    CHECK(EVP_Digest(key.at, key.len, digest, NULL, EVP_sha256(), NULL) == 1);
    put_part(name, (struct text){(const char *)digest, sizeof digest});
}

/* The entry of that name, made when it is new; one more holder. Takes the name. */
static struct entry *hold(struct health *health, struct buffer *name, bool *out_new)
{
    unsigned char digest[NAME_DIGEST];
    struct entry **slot, *entry;

    CHECK(EVP_Digest(name->at, name->len, digest, NULL, EVP_sha256(), NULL) == 1);
    buffer_release(name);
    slot = &health->slots[(digest[0] | digest[1] << 8) % SLOTS];
    for (entry = *slot; entry != NULL; entry = entry->next)
        if (memcmp(entry->name, digest, sizeof digest) == 0)
            break;
    *out_new = entry == NULL;
    if (entry == NULL) {
        entry = calloc(1, sizeof *entry);
        CHECK(entry != NULL);
        memcpy(entry->name, digest, sizeof digest);
        entry->next = *slot;
        *slot = entry;
    }
    entry->holders++;
    return entry;
}

static void let_go(struct health *health, struct entry *entry)
{
    struct entry **link = &health->slots[(entry->name[0] | entry->name[1] << 8) % SLOTS];

    if (--entry->holders > 0)
        return;
    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    arena_release(&entry->arena);
    free(entry);
}

static struct target_health *hold_target(struct health *health, const struct target *target)
{
    struct buffer name = {0};
    struct entry *entry;
    bool new;

    buffer_put_byte(&name, 't');
    put_part(&name, target->provider->name);
    put_part(&name, target->provider->origin);
    put_part(&name, target->provider->path);
    put_part(&name, target->model);
    entry = hold(health, &name, &new);
    if (new) {
        entry->is_target = true;
        entry->target.provider = arena_copy(&entry->arena, target->provider->name);
        entry->target.model = arena_copy(&entry->arena, target->model);
    }
    return &entry->target;
}

/* Another list of keys is another pool: a key that was refused is not the one that replaced it. */
static struct provider_health *hold_provider(struct health *health, const struct provider *provider)
{
    struct buffer name = {0};
    struct entry *entry;
    bool new;

    buffer_put_byte(&name, 'p');
    put_part(&name, provider->name);
    put_part(&name, provider->origin);
    for (size_t i = 0; i < provider->key_count; i++)
        put_digest(&name, provider->keys[i]);
    entry = hold(health, &name, &new);
    if (new) {
        entry->provider.provider = arena_copy(&entry->arena, provider->name);
        /* One without a key has one all the same, which is empty. */
        entry->provider.keys.count = provider->key_count > 0 ? (uint32_t)provider->key_count : 1;
    }
    return &entry->provider;
}

static void hold_targets(struct health_table *table, const struct endpoint *endpoint)
{
    struct health *health = table->health;

    table->targets[endpoint->target.index] = hold_target(health, &endpoint->target);
    if (endpoint->shadow != NULL)
        hold_targets(table, endpoint->shadow->endpoint);
    for (size_t i = 0; i < endpoint->rules.count; i++)
        table->targets[endpoint->rule_targets[i].index] =
            hold_target(health, &endpoint->rule_targets[i]);
    for (size_t i = 0; i < endpoint->failover_count; i++)
        table->targets[endpoint->failover[i].index] = hold_target(health, &endpoint->failover[i]);
    for (size_t i = 0; i < endpoint->rules.need_count; i++)
        if (endpoint->rules.needs[i].kind == ROUTE_NEEDS_TARGET)
            table->targets[endpoint->watched[i].index] = hold_target(health, &endpoint->watched[i]);
}

static int by_place(const void *a, const void *b)
{
    uintptr_t left = (uintptr_t) * (struct target_health *const *)a;
    uintptr_t right = (uintptr_t) * (struct target_health *const *)b;

    return (left > right) - (left < right);
}

/* Endpoints share targets: sorted, the same ones stand together. Gives all that there are, each
 * once, to be freed. */
static struct target_health **sorted_targets(const struct health_table *table, size_t *out_count)
{
    struct target_health **targets = calloc(table->target_count + 1, sizeof *targets);
    size_t count = 0;

    CHECK(targets != NULL);
    memcpy(targets, table->targets, table->target_count * sizeof *targets);
    qsort(targets, table->target_count, sizeof *targets, by_place);
    for (size_t i = 0; i < table->target_count; i++)
        if (targets[i] != NULL && (count == 0 || targets[i] != targets[count - 1]))
            targets[count++] = targets[i];
    *out_count = count;
    return targets;
}

/* Those of one provider, moved to the front of the others; gives their number. Two providers never
 * have the same name. */
static size_t take_of(struct target_health **targets, size_t count, struct text provider)
{
    size_t taken = 0;

    for (size_t i = 0; i < count; i++)
        if (text_equal(targets[i]->provider, provider)) {
            struct target_health *target = targets[i];

            targets[i] = targets[taken];
            targets[taken++] = target;
        }
    return taken;
}

static void sort_out_providers(struct health_table *table, const struct config *config)
{
    size_t count, done = 0;
    struct target_health **targets = sorted_targets(table, &count);

    table->of_targets = targets;
    table->of_providers = calloc(config->provider_count + 1, sizeof *table->of_providers);
    CHECK(table->of_providers != NULL);
    for (size_t i = 0; i < config->provider_count; i++) {
        size_t taken = take_of(targets + done, count - done, config->providers[i].name);

        table->of_providers[i] = (struct provider_targets){targets + done, taken};
        done += taken;
    }
}

void health_table_init(struct health_table *table, struct health *health,
                       const struct config *config)
{
    *table = (struct health_table){
        .health = health,
        .targets = calloc(config->target_count + 1, sizeof(struct target_health *)),
        .providers = calloc(config->provider_count + 1, sizeof(struct provider_health *)),
        .target_count = config->target_count,
        .provider_count = config->provider_count,
    };
    CHECK(table->targets != NULL && table->providers != NULL);
    pthread_mutex_lock(&health->lock);
    for (size_t i = 0; i < config->endpoint_count; i++)
        hold_targets(table, &config->endpoints[i]);
    for (size_t i = 0; i < config->alias_count; i++)
        hold_targets(table, &config->aliases[i]);
    for (size_t i = 0; i < config->direct_count; i++)
        hold_targets(table, &config->direct[i]);
    for (size_t i = 0; i < config->provider_count; i++)
        table->providers[i] = hold_provider(health, &config->providers[i]);
    sort_out_providers(table, config);
    pthread_mutex_unlock(&health->lock);
}

#define ENTRY_OF(thing, member) ((struct entry *)((char *)(thing)-offsetof(struct entry, member)))

void health_table_release(struct health_table *table)
{
    if (table->health == NULL)
        return;
    pthread_mutex_lock(&table->health->lock);
    for (size_t i = 0; i < table->target_count; i++)
        if (table->targets[i] != NULL)
            let_go(table->health, ENTRY_OF(table->targets[i], target));
    for (size_t i = 0; i < table->provider_count; i++)
        let_go(table->health, ENTRY_OF(table->providers[i], provider));
    pthread_mutex_unlock(&table->health->lock);
    free(table->of_providers);
    free(table->of_targets);
    free(table->targets);
    free(table->providers);
    *table = (struct health_table){0};
}
