"""strangers: another merchant on the same server. Whatever it asks with our ids gets the very answer that ids of nobody get."""
import json
import re

from house import say
from sweep import Sweep

NOBODY = '777777777777777%02d'
# Each of these things is found by name or number of its own, not by an id of ours.
PLAIN = {'role', 'name', 'number', 'handler'}


def run(house):
    house.furnish(4)
    rival = house.second_merchant()
    sweep = Sweep(house)
    ours = {k: v for k, v in house.have.items() if k not in PLAIN and re.fullmatch('[0-9]{6,}', str(v))}
    before = snapshot(house)
    differences, asked = [], 0

    def same(method, path, body, headers):
        nonlocal asked
        answers = []
        for text in ('ours', 'nobody'):
            p, b = path, json.dumps(body) if body is not None else None
            if text == 'nobody':
                for number, v in enumerate(ours.values()):
                    p, b = p.replace(v, NOBODY % number), b.replace(v, NOBODY % number) if b else b
            answer = house.call(method, p, b.encode() if b else None, as_=rival, headers=headers)
            what = re.sub(r'"(request_id|at|[a-z_]+_at)": ?("[^"]*"|\d+)', '', answer.body.decode('utf-8', 'replace'))
            what = re.sub(r'\d{12,}|H\d{6,}', 'N', what)
            answers.append((answer.status, what))
            asked += 1
        if answers[0] != answers[1]:
            differences.append('%s %s %s\n      ours   %s\n      nobody %s' % (method, path, body, answers[0], answers[1]))

    for template, operations in sweep.api['paths'].items():
        for method, operation in operations.items():
            if template in ('/v1/logout', '/v1/codes', '/v1/join', '/v1/login') or 'staff' not in operation['x-who']:
                continue
            method = method.upper()
            path = next(iter(sweep.paths(template)))
            body = next(iter(sweep.bodies(operation)), None)
            headers = {'If-Match': '*'} if any('IfMatch' in p.get('$ref', '') for p in operation.get('parameters', [])) else None
            text = path + json.dumps(body or '')
            if any(v in text for v in ours.values()):
                same(method, path, body, headers)
            for p in operation.get('parameters', []):
                if p.get('in') == 'query' and p['name'] in ours:
                    same(method, path + '?%s=%s' % (p['name'], ours[p['name']]), body, headers)
    for query in ('phone=13900000001', 'card=880001'):
        answer = house.call('GET', '/v1/members/lookup?' + query, as_=rival)
        if answer.status != 404:
            differences.append('lookup %s: %r' % (query, answer))
    for line in differences[:20]:
        print('   ' + line)
    print('   %d pairs' % (asked // 2))
    say(not differences, 'ids of another merchant are ids of nobody', '%d differ' % len(differences))
    say(snapshot(house) == before, 'nothing of ours has changed')


def snapshot(house):
    kept = []
    for path in ('/v1/members?limit=200', '/v1/orders', '/v1/items', '/v1/shops', '/v1/tags', '/v1/tiers', '/v1/staff', '/v1/refunds', '/v1/roles', '/v1/api-keys',
                 '/v1/members/%s/points' % house.have['member_id'], '/v1/members/%s' % house.have['from_id']):
        answer = house.must('GET', path)
        kept.append(re.sub(r'"(used_at|last_login_at)": ?\d+', '', json.dumps(answer)))
    return kept
