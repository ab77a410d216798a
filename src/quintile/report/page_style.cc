#include "quintile/report/page_internal.h"

namespace quintile::report {

std::string page_style() {
  return palette(":root") + figure_style() + R"(
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1020px;margin:0 auto;padding:36px 24px 64px}
h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:.1em 0 .3em;font-weight:650}
h2{font-size:22px;letter-spacing:-.01em;margin:0 0 .6em;font-weight:650}
h3{font-size:17px;margin:0 0 .3em;font-weight:650;overflow-wrap:anywhere}h3 small{font-size:12.5px;font-weight:450;color:var(--ink2);margin-left:8px}
h4{font-size:13px;margin:1em 0 .2em;font-weight:600;color:var(--ink2)}
p{margin:.4em 0 .8em;max-width:72ch}
section{margin:44px 0 0;padding-top:26px;border-top:1px solid var(--line)}
.eyebrow{color:var(--accent);font-weight:600;font-size:13px;margin:0}
.lead{font-size:19px;line-height:1.5;max-width:62ch}
.meta,.note{color:var(--ink2);font-size:13.5px}
.meta{overflow-wrap:anywhere;max-width:none}
nav{margin:22px 0 0;font-size:13.5px;display:flex;flex-wrap:wrap;gap:4px 16px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:10px;margin:22px 0}
.tile{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:11px 14px}
.tile b{display:block;font-size:20px;font-weight:640;letter-spacing:-.01em}
.tile span{color:var(--ink2);font-size:12.5px}
.card{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:14px 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;color:var(--ink2);padding:0 0 6px}
th,td{padding:7px 7px;text-align:right;border-bottom:1px solid var(--soft);vertical-align:top;white-space:nowrap}
thead th{color:var(--ink2);font-weight:550;border-bottom:1px solid var(--line);vertical-align:bottom;white-space:normal}
th[scope=row],.left{text-align:left;white-space:normal;overflow-wrap:break-word;font-weight:550}
th[scope=row]{min-width:9em;max-width:22em;overflow-wrap:anywhere}td.left{font-weight:400;max-width:34em}
td code{overflow-wrap:anywhere}
tr.all th,tr.all td{background:var(--sunken);font-weight:600}
.d{display:block;font-size:11.5px;color:var(--ink2)}
.better{color:var(--better)}.worse{color:var(--worse)}
.mark{vertical-align:-1px;margin-right:6px}
figure{margin:16px 0;break-inside:avoid}
figure svg.qf{display:block;width:100%;height:auto;max-width:760px}
figure svg.narrow{max-width:620px}
figcaption{color:var(--ink2);font-size:13px;margin-top:6px;max-width:72ch}
.badge{display:inline-block;font-size:12px;font-weight:600;border:1px solid currentColor;border-radius:99px;padding:1px 9px;color:var(--ink2);white-space:nowrap}
.badge.supported{color:var(--better)}
.kpis{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px 18px;margin:14px 0}
.kpis span{display:block;color:var(--ink2);font-size:12px}.kpis b{display:block;font-size:16px;font-weight:620}
.kpis span.better{color:var(--better)}.kpis span.worse{color:var(--worse)}
ul,ol{margin:.2em 0 .8em;padding-left:1.25em}li{margin:.2em 0;max-width:72ch;overflow-wrap:anywhere}li.card{max-width:none;margin:14px 0}
details{font-size:13px;color:var(--ink2);margin:.4em 0}summary{cursor:pointer}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--sunken);border-radius:4px;padding:1px 5px;overflow-wrap:anywhere;white-space:normal}
.rule{color:var(--ink2);font-size:13.5px}
.facts{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--ink2);margin:.4em 0}
.facts b{color:var(--ink);font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:13.5px;margin:.4em 0 1em}
dt{color:var(--ink2)}dd{margin:0;overflow-wrap:anywhere}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}
@media(max-width:700px){main{padding:22px 14px}.two{grid-template-columns:1fr}h1{font-size:27px}}
@media print{
@page{size:A4;margin:15mm 14mm 16mm}
body{background:#fff;font-size:9.2pt;line-height:1.4}
main{max-width:none;padding:0}
nav{display:none}
section{margin:20px 0 0;padding-top:14px}
h1{font-size:24pt}h2{font-size:15pt}h3{font-size:11.5pt}.lead{font-size:12pt}
h2,h3,h4,caption,h2+p{break-after:avoid}h2+p{break-inside:avoid}
table{font-size:7.9pt}th,td{padding:4px 5px}
thead{display:table-header-group}tr,.card,.tile,figure,.keep{break-inside:avoid}
.card{padding:8px 12px;margin:7px 0}.card p{margin:.25em 0 .4em}li{margin:.1em 0}ul,ol{margin:.1em 0 .3em}h4{margin:.5em 0 .1em}.kpis{margin:6px 0}.wide{overflow:visible}
figure svg.narrow{max-width:122mm}figure{margin:8px 0}
.tiles{grid-template-columns:repeat(3,1fr);gap:6px}.tile{padding:6px 10px}.tile b{font-size:12pt}.kpis{grid-template-columns:repeat(4,1fr);gap:4px 12px}.kpis b{font-size:10.5pt}.kpis span{font-size:7.6pt}details{display:none}
.d{font-size:7pt}li,p{orphans:3;widows:3}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)";
}

}  // namespace quintile::report
