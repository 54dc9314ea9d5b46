// How the call in the editor is made from elsewhere. Tokens never stand in them.

const shell = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

export function curl(url, body) {
  return `curl ${url} \\\n  -H "Authorization: Bearer $TOKEN" \\\n  -H "Content-Type: application/json" \\\n  -d ${shell(body)}\n`;
}

export function javascript(url, body) {
  return `const response = await fetch(${JSON.stringify(url)}, {
  method: 'POST',
  headers: {
    authorization: \`Bearer \${process.env.TOKEN}\`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(${body}),
});
const answer = await response.json();
if (!response.ok) throw new Error(\`\${answer.error.code}: \${answer.error.message}\`);
console.log(answer);
`;
}

export function python(url, body) {
  return `import json, os, urllib.error, urllib.request

body = json.loads(r"""
${body.replaceAll('"""', '""\\u0022')}
""")
request = urllib.request.Request(
    ${JSON.stringify(url)},
    json.dumps(body).encode(),
    {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"},
)
try:
    with urllib.request.urlopen(request) as response:
        print(json.load(response))
except urllib.error.HTTPError as refused:
    error = json.load(refused)["error"]
    raise SystemExit(f"{error['code']}: {error['message']}")
`;
}
