import { describe, expect, it } from 'vitest';
import { htmlToText } from './html-to-text.js';
import { mailText } from './spam-assassin.js';

const mail = (...lines: string[]) => new TextEncoder().encode(lines.join('\n'));

describe('mail as text', () => {
  it('is the subject and the plain part, decoded', async () => {
    const text = await mailText(
      mail(
        'Subject: =?iso-8859-1?Q?Gr=FC=DFe?=',
        'MIME-Version: 1.0',
        'Content-Type: multipart/alternative; boundary="b"',
        '',
        '--b',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        Buffer.from('plain   part — ünï\n\n\nend').toString('base64'),
        '--b',
        'Content-Type: text/html',
        '',
        '<p>html part</p>',
        '--b--',
      ),
    );
    expect(text).toBe('Grüße\nplain part — ünï\nend');
  });

  it('is the HTML part where there is no other', async () => {
    const html = mail(
      'Subject: s',
      'Content-Type: text/html',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<b>Buy=20now</b>',
    );
    expect(await mailText(html)).toBe('s\nBuy now');
  });

  it('leaves out every other header and attachments', async () => {
    const text = await mailText(mail('From a@b Thu Aug 22', 'X-Spam-Status: Yes', 'To: someone', '', 'body'));
    expect(text).toBe('body');
  });
});

describe('htmlToText', () => {
  it('drops tags, scripts, styles and comments, and decodes entities', () => {
    const html =
      '<head><title>t</title></head><style>p{}</style><!-- c --><p>a &amp; b&nbsp;&#8364;&#x41;<br>c<script>x</script><A HREF="u">d</A> 1 < 2 &unknown; &#0;';
    expect(htmlToText(html).split(/\s+/).filter(Boolean)).toEqual([
      'a',
      '&',
      'b',
      '€A',
      'c',
      'd',
      '1',
      '<',
      '2',
      '&unknown;',
      '&#0;',
    ]);
  });

  it('ends, also on what never closes', () => {
    expect(htmlToText('<!-- '.repeat(1000)).trim()).toBe('');
    const start = performance.now();
    htmlToText('<script '.repeat(20_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
