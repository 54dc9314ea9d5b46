/* The tokens of deployments: of two that ask for one at once, both get the same. */
#include "store/lmdb_impl.h"

enum { DEPLOYMENT_BYTES_MAX = 128 };

int lmdb_get_deployment(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                        struct text deployment, struct text *out_id)
{
    struct text value;
    int rc = MDB_NOTFOUND;

    *out_id = (struct text){0};
    if (store->tables[TABLE_DEPLOYMENTS] != 0 && deployment.len > 0 &&
        deployment.len <= DEPLOYMENT_BYTES_MAX)
        rc = lmdb_get(store, txn, TABLE_DEPLOYMENTS, deployment, &value);
    if (rc != 0)
        return rc == MDB_NOTFOUND ? 0 : rc;
    if (record_get_deployment(deployment, value, out_id, &command->error))
        *out_id = arena_copy(&command->arena, *out_id);
    return 0;
}

/* The deployment's last token; NULL: it has none. */
static int get_last(struct lmdb_store *store, MDB_txn *txn, struct store_command *command,
                    struct token_record **out)
{
    struct text id;
    int rc = lmdb_get_deployment(store, txn, command, command->token.deployment, &id);

    *out = NULL;
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    return lmdb_get_token(store, txn, command, id, out);
}

int lmdb_find_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text name = command->token.deployment;
    struct token_record *token;
    int rc = get_last(store, txn, command, &token);

    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    command->tokens = token;
    command->token_count = token != NULL;
    if (token == NULL)
        error_set(&command->error, ERROR_TOKEN_NOT_FOUND, NULL,
                  "nothing was provisioned for the deployment '%.*s'",
                  TEXT_ARG(text_first(name, DEPLOYMENT_BYTES_MAX)));
    return 0;
}

int lmdb_provision_token(struct lmdb_store *store, MDB_txn *txn, struct store_command *command)
{
    struct text name = command->token.deployment;
    struct token_record *token;
    int rc;

    if (name.len == 0 || name.len > DEPLOYMENT_BYTES_MAX) {
        error_set(&command->error, ERROR_INVALID_REQUEST, "/deployment",
                  "the name of a deployment has 1 to %d bytes", DEPLOYMENT_BYTES_MAX);
        return 0;
    }
    rc = get_last(store, txn, command, &token);
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    command->unchanged = token != NULL && token->revoked_ms == 0 &&
                         (token->expires_ms == 0 || token->expires_ms > command->now_ms);
    command->tokens = command->unchanged ? token : &command->token;
    command->token_count = 1;
    if (command->unchanged)
        return 0;
    rc = lmdb_put_token(store, txn, command);
    if (rc != 0 || command->error.code != ERROR_NONE)
        return rc;
    record_put_deployment(&store->value, name, command->token.id);
    return lmdb_put(store, txn, TABLE_DEPLOYMENTS, name);
}
