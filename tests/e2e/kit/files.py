"""files: uploads that are not what they say. Each is refused with a code, or every row of it ends with one; never a 500, never half."""
import gzip
import io
import time
import zipfile

from house import say


def sheet(cells, names=None):
    """A small XLSX of its own making, so that it can be wrong."""
    out = io.BytesIO()
    rows = ''.join('<row r="%d">%s</row>' % (i + 1, ''.join('<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % (chr(65 + j), i + 1, cell) for j, cell in enumerate(row)))
                   for i, row in enumerate(cells))
    parts = {'[Content_Types].xml': '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
             'xl/workbook.xml': '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets><sheet name="a" sheetId="1"/></sheets></workbook>',
             'xl/worksheets/sheet1.xml': '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>' % rows}
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, text in (names or parts).items():
            z.writestr(name, text)
    return out.getvalue()


HEAD = '姓名,手机号,积分\n'
FILES = {
    'nothing': b'',
    'a byte order mark alone': b'\xef\xbb\xbf',
    'a header alone': HEAD.encode(),
    'zero bytes': b'\x00' * 5000,
    'a zero byte in a cell': (HEAD + '王\x00五,13811110001,10\n').encode(),
    'a zero byte in the header': b'\x00' + HEAD.encode() + '王五,13811110002,10\n'.encode(),
    'bad UTF-8 among good': HEAD.encode() + b'\xff\xfe\x80,13811110003,10\n' + '王五,13811110004,10\n'.encode(),
    'UTF-16': (HEAD + '王五,13811110005,10\n').encode('utf-16'),
    'GBK': (HEAD + '王五,13811110006,10\n').encode('gbk'),
    'random bytes': bytes((i * 7919 + i // 13) % 256 for i in range(200000)),
    'one line without end': b'a' * (9 << 20),
    'a quote that never closes': (HEAD + '"王五,13811110007,10\n').encode() + b'x,y,z\n' * 100000,
    'five thousand columns': b','.join(b'c%d' % i for i in range(5000)) + b'\n',
    'the same column twice': '姓名,姓名,手机号,手机号\na,b,13811110008,13811110009\n'.encode(),
    'rows of every length': (HEAD + '王五\n,,,,,,,,\n\n\n,\n王六,13811110010,10,extra\n').encode(),
    'numbers past all bounds': (HEAD + '王五,13811110011,9223372036854775808\n王六,13811110012,-5\n王七,13811110013,1e9\n王八,13811110014,99999999999999999999\n').encode(),
    'formulas': (HEAD + '=1+1,13811110015,1\n@cmd,13811110016,1\n').encode(),
    'half a packed file': gzip.compress((HEAD + '王五,13811110017,10\n').encode() * 1000)[:60],
    'a packed bomb': gzip.compress(b'a,b\n' + b'1,2\n' * (16 << 20)),
    'a sheet': sheet([['姓名', '手机号', '积分'], ['王五', '13811110018', '10']]),
    'a sheet with zero bytes': sheet([['姓名', '手机号', '积分'], ['王&#0;五', '13811110019', '10']]),
    'a sheet with control bytes': sheet([['姓名', '手机号', '积分'], ['王\x01五', '13811110020', '10']]),
    'a sheet without sheets': sheet([], {'xl/workbook.xml': '<workbook/>'}),
    'a sheet that is no XML': sheet([], {'xl/workbook.xml': '<<<<', 'xl/worksheets/sheet1.xml': '\x00\x01'}),
    'a sheet of a billion laughs': sheet([], {'xl/workbook.xml': '<workbook/>', 'xl/worksheets/sheet1.xml':
                                              '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">%s]><worksheet>&k;</worksheet>' % ''.join(
                                                  '<!ENTITY %s "%s">' % (chr(98 + i), '&%s;' % chr(97 + i) * 10) for i in range(1, 12))}),
    'a sheet that reads files': sheet([], {'xl/workbook.xml': '<workbook/>', 'xl/worksheets/sheet1.xml':
                                           '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet><sheetData><row><c t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'}),
    'a zip bomb': sheet([], {'xl/workbook.xml': '<workbook/>', 'xl/worksheets/sheet1.xml': '<worksheet>' + ' ' * (64 << 20) + '</worksheet>'}),
    'a zip that climbs': sheet([], {'../../../../tmp/laoke-was-here': 'x'}),
    'half a zip': sheet([['姓名', '手机号']])[:200],
    'a picture': b'\x89PNG\r\n\x1a\n' + bytes(1000),
}


def run(house):
    house.furnish(4)
    bad, ends = [], {}
    for name, data in FILES.items():
        for kind in ('members', 'items', 'orders'):
            end = one(house, kind, name, data, bad)
            ends[end] = ends.get(end, 0) + 1
    for name in ('../../../etc/passwd', 'a%00b.csv', '%FF.csv', 'x' * 3000, '', '%2e%2e%2fx.csv', 'CON', '%E8%80%81.csv'):
        answer = house.call('POST', '/v1/transfers/files?kind=members&file_name=' + name, (HEAD + '王五,13811110099,1\n').encode(), headers={'Content-Type': 'text/csv'})
        if answer.status >= 500:
            bad.append('a file called %s: %r' % (name[:40], answer))
    for line in bad[:20]:
        print('   ' + line)
    print('   ' + ', '.join('%d %s' % (count, end) for end, count in sorted(ends.items())))
    say(not bad, 'files that are not what they say end with a word (%d)' % (3 * len(FILES)), '%d did not' % len(bad))
    errors = [line for line in house.log().splitlines() if '"level":"error"' in line]
    say(not errors, 'no error in the log', '\n   '.join(errors[:5]))
    for kind in ('members', 'items', 'orders', 'entries'):
        made = house.call('POST', '/v1/exports', {'kind': kind})
        view = wait_for(house, made.json['run_id']) if made.status in (200, 201) else {}
        file = house.call('GET', '/v1/transfers/%s/file' % view.get('run_id', '1'))
        say(view.get('status') == 'done' and file.status == 200 and b'\x00' not in file.body, 'and all goes out again: %s' % kind, repr(made) + str(view)[:300])


def wait_for(house, run_id):
    for _ in range(600):
        view = house.must('GET', '/v1/transfers/' + run_id)
        if view['status'] in ('done', 'failed'):
            return view
        time.sleep(0.05)
    return view


def one(house, kind, name, data, bad):
    what = '%s as %s' % (name, kind)
    began = time.time()
    answer = house.call('POST', '/v1/transfers/files?file_name=f.csv&kind=' + kind, data, headers={'Content-Type': 'application/octet-stream'}, timeout=60)
    if answer.status >= 500 or (answer.status >= 400 and not answer.code):
        bad.append('%s: %r' % (what, answer))
    if answer.status >= 300:
        return 'refused at once: ' + answer.code
    run_id = answer.json['run_id']
    for step in ('check', 'start'):
        answer = house.call('POST', '/v1/transfers/%s/%s' % (run_id, step), {'shop_id': house.have['shop_id']}, timeout=60)
        if answer.status == 422 and answer.code == 'body.invalid':
            answer = house.call('POST', '/v1/transfers/%s/%s' % (run_id, step), {}, timeout=60)
        if answer.status >= 500 or (answer.status >= 400 and not answer.code):
            bad.append('%s, %s: %r' % (what, step, answer))
        if answer.status >= 300 and step == 'start':
            return 'refused at the start: ' + answer.code
    view = wait_for(house, run_id)
    if view['status'] not in ('done', 'failed'):
        bad.append('%s: still %s after 30 s' % (what, view['status']))
    if view['status'] == 'failed' and not view.get('problem'):
        bad.append('%s: failed without a word' % what)
    if view['status'] == 'done' and view['accepted_rows'] + view['merged_rows'] + view['listed_rows'] != view['rows']:
        bad.append('%s: rows were dropped: %s' % (what, view))
    if time.time() - began > 20:
        bad.append('%s took %.0f s' % (what, time.time() - began))
    return view['status']
