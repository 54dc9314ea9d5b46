"""Python's openai and langchain-openai, told what to do line by line: {"id", "op", ...} on standard input; {"id",
"piece"}, and then {"id", "ok"} or {"id", "error"} on standard output. Calls run side by side; {"id", "op": "cancel"}
gives one up."""

import asyncio
import json
import sys

import openai
from langchain_core.messages import messages_from_dict, messages_to_dict
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Answer(BaseModel):
    """The schema that the matrix asks for with structured answers."""

    place: str
    opens_at: str


def plain(model):
    return model.model_dump(mode="json", warnings=False)


def sdk(call):
    return openai.AsyncOpenAI(base_url=call["base"], api_key=call["key"], max_retries=call["retries"])


async def chat_ask(call, say):
    completions = sdk(call).chat.completions
    if call["schema"]:
        whole = await completions.parse(**call["body"], response_format=Answer)
    else:
        whole = await completions.create(**call["body"])
    return {"whole": plain(whole), "request_id": whole._request_id}


async def chat_stream(call, say):
    """By its helper where it parses: that takes an answer cut at its limit for an error. Else chunk by chunk."""
    body = call["body"] | {"stream_options": {"include_usage": True}}
    if call["schema"]:
        async with sdk(call).chat.completions.stream(**body, response_format=Answer) as stream:
            async for event in stream:
                if event.type == "content.delta":
                    say(event.delta)
            return {"whole": plain(await stream.get_final_completion())}
    chunks = []
    async for chunk in await sdk(call).chat.completions.create(**body, stream=True):
        chunks.append(plain(chunk))
        if chunk.choices and chunk.choices[0].delta.content:
            say(chunk.choices[0].delta.content)
    return {"chunks": chunks}


async def responses_ask(call, say):
    responses = sdk(call).responses
    if call["schema"]:
        whole = await responses.parse(**call["body"], text_format=Answer)
    else:
        whole = await responses.create(**call["body"])
    return {"whole": plain(whole), "request_id": whole._request_id}


async def responses_stream(call, say):
    """Likewise: the helper knows one way to end."""
    if call["schema"]:
        async with sdk(call).responses.stream(**call["body"], text_format=Answer) as stream:
            async for event in stream:
                if event.type == "response.output_text.delta":
                    say(event.delta)
            return {"whole": plain(await stream.get_final_response())}
    async for event in await sdk(call).responses.create(**call["body"], stream=True):
        if event.type == "response.output_text.delta":
            say(event.delta)
        if event.type in ("response.completed", "response.incomplete"):
            return {"whole": plain(event.response)}
    raise RuntimeError("the stream ended early")


async def embed(call, say):
    more = {"encoding_format": "float"} if call["float"] else {}
    got = await sdk(call).embeddings.create(model=call["model"], input=call["input"], **more)
    return {"vectors": [one.embedding for one in got.data], "usage": got.usage.prompt_tokens}


async def models(call, say):
    if call.get("model"):
        return (await sdk(call).models.retrieve(call["model"])).id
    return [one.id async for one in sdk(call).models.list()]


def langchain(call):
    api = {"use_responses_api": True, "store": False, "include": ["reasoning.encrypted_content"]} if call["responses"] else {}
    limit = {"max_tokens": call["max_tokens"]} if call.get("max_tokens") else {}
    chat = ChatOpenAI(
        model=call["model"], base_url=call["base"], api_key=call["key"], max_retries=call["retries"], stream_usage=True, **api, **limit
    )
    if call.get("tools"):
        chat = chat.bind_tools(call["tools"], **({"tool_choice": call["choice"]} if call.get("choice") else {}))
    if call["schema"]:
        chat = chat.with_structured_output(Answer, method="json_schema", include_raw=True)
    return chat


def message(got):
    return {
        "text": got.text if isinstance(got.text, str) else got.text(),
        "calls": [{"id": one["id"], "name": one["name"], "arguments": one["args"]} for one in got.tool_calls],
        "finish": got.response_metadata.get("finish_reason"),
        "incomplete": (got.response_metadata.get("incomplete_details") or {}).get("reason"),
        "usage": got.usage_metadata and {"input": got.usage_metadata["input_tokens"], "output": got.usage_metadata["output_tokens"]},
        "turn": messages_to_dict([got]),
    }


async def langchain_ask(call, say):
    got = await langchain(call).ainvoke(messages_from_dict(call["messages"]))
    if call["schema"]:
        return message(got["raw"]) | {"object": got["parsed"] and plain(got["parsed"])}
    return message(got)


async def langchain_stream(call, say):
    whole, parsed = None, None
    async for chunk in langchain(call).astream(messages_from_dict(call["messages"])):
        if call["schema"]:
            parsed = chunk.get("parsed") or parsed
            chunk = chunk.get("raw")
        if chunk is None:
            continue
        whole = chunk if whole is None else whole + chunk
        text = chunk.text if isinstance(chunk.text, str) else chunk.text()
        if text:
            say(text)
    got = message(whole)
    got["turn"] = [{"type": "ai", "data": got["turn"][0]["data"] | {"type": "ai"}}]
    return got | {"object": parsed and plain(parsed)}


async def langchain_embed(call, say):
    embedder = OpenAIEmbeddings(
        model=call["model"], base_url=call["base"], api_key=call["key"], max_retries=call["retries"], check_embedding_ctx_length=False
    )
    one = isinstance(call["input"], str)
    return {"vectors": [await embedder.aembed_query(call["input"])] if one else await embedder.aembed_documents(call["input"])}


OPS = {
    name: globals()[name]
    for name in (
        "chat_ask chat_stream responses_ask responses_stream embed models langchain_ask langchain_stream langchain_embed"
    ).split()
}


def fault(error):
    body = getattr(error, "body", None)
    response = getattr(error, "response", None)
    # LangChain's are subclasses of the SDK's, which its users catch as well.
    classes = [one.__name__ for one in type(error).__mro__ if one.__module__.startswith("openai")]
    return {
        "type": classes[0] if classes else type(error).__name__,
        "status": getattr(error, "status_code", None),
        "code": getattr(error, "code", None) or (body.get("code") if isinstance(body, dict) else None),
        "requestId": getattr(error, "request_id", None),
        "message": str(error),
        "again": response.headers.get("retry-after") if response is not None else None,
    }


def write(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def serve(call):
    own = {"id": call["id"]}
    try:
        write(own | {"ok": await OPS[call["op"]](call, lambda piece: write(own | {"piece": piece}))})
    except asyncio.CancelledError:
        write(own | {"error": {"type": "CancelledError", "message": "given up"}})
    except Exception as error:
        write(own | {"error": fault(error)})


async def main():
    running = {}
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        call = json.loads(line)
        if call["op"] == "cancel":
            if call["id"] in running:
                running[call["id"]].cancel()
            continue
        task = running[call["id"]] = asyncio.create_task(serve(call))
        task.add_done_callback(lambda done, id=call["id"]: running.pop(id))


asyncio.run(main())
