#include "quintile/report/page_internal.h"

namespace quintile::report {

std::string page_style() {
  return palette(":root") + figure_style() + R"(
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:980px;margin:0 auto;padding:36px 24px 64px}
h1{font-size:34px;line-height:1.15;letter-spacing:-.02em;margin:.1em 0 .3em;font-weight:650}
h2{font-size:22px;letter-spacing:-.01em;margin:0 0 .6em;font-weight:650}
h3{font-size:17px;margin:0 0 .3em;font-weight:650;overflow-wrap:anywhere}
h4{font-size:13px;margin:1em 0 .2em;font-weight:600;color:var(--ink2)}
p{margin:.4em 0 .8em;max-width:72ch}
section{margin:44px 0 0;padding-top:26px;border-top:1px solid var(--line)}
.eyebrow{color:var(--accent);font-weight:600;font-size:13px;margin:0}
.lead{font-size:19px;line-height:1.5;max-width:62ch}
.meta,.note{color:var(--ink2);font-size:13.5px}
.meta{overflow-wrap:anywhere;max-width:none}
nav{margin:22px 0 0;font-size:13.5px;display:flex;flex-wrap:wrap;gap:4px 16px}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:10px;margin:22px 0}
.tile{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:11px 14px}
.tile b{display:block;font-size:20px;font-weight:640;letter-spacing:-.01em}
.tile span{color:var(--ink2);font-size:12.5px}
.card{background:var(--surface);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:14px 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;color:var(--ink2);padding:0 0 6px}
th,td{padding:7px 8px;text-align:right;border-bottom:1px solid var(--soft);vertical-align:top;white-space:nowrap}
thead th{color:var(--ink2);font-weight:550;border-bottom:1px solid var(--line);vertical-align:bottom;white-space:normal}
th[scope=row],.left{text-align:left;white-space:normal;overflow-wrap:anywhere;font-weight:550}
td.left{font-weight:400}
tr.all th,tr.all td{background:var(--sunken);font-weight:600}
.d{display:block;font-size:11.5px;color:var(--ink2)}
.better{color:var(--better)}.worse{color:var(--worse)}
.mark{vertical-align:-1px;margin-right:6px}
figure{margin:16px 0;break-inside:avoid}
figure svg.qf{display:block;width:100%;height:auto;max-width:760px}
figcaption{color:var(--ink2);font-size:13px;margin-top:6px;max-width:72ch}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(340px,1fr));gap:18px}
.badge{display:inline-block;font-size:12px;font-weight:600;border:1px solid currentColor;border-radius:99px;padding:1px 9px;color:var(--ink2);white-space:nowrap}
.badge.supported{color:var(--better)}
.kpis{display:grid;grid-template-columns:repeat(auto-fit,minmax(112px,1fr));gap:8px 14px;margin:12px 0}
.kpis div span{display:block;color:var(--ink2);font-size:12px}.kpis div b{font-size:15.5px;font-weight:620}
ul,ol{margin:.2em 0 .8em;padding-left:1.25em}li{margin:.2em 0;max-width:72ch;overflow-wrap:anywhere}
code{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--sunken);border-radius:4px;padding:1px 5px;overflow-wrap:anywhere;white-space:normal}
.rule{color:var(--ink2);font-size:13.5px}
.facts{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;color:var(--ink2);margin:.4em 0}
.facts b{color:var(--ink);font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:13.5px;margin:.4em 0 1em}
dt{color:var(--ink2)}dd{margin:0;overflow-wrap:anywhere}
.two{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}
@media(max-width:700px){main{padding:22px 14px}.two{grid-template-columns:1fr}.pair{grid-template-columns:1fr}h1{font-size:27px}}
@media print{
@page{size:A4;margin:15mm 14mm 16mm}
body{background:#fff;font-size:9.6pt;line-height:1.45}
main{max-width:none;padding:0}
nav{display:none}
section{margin:20px 0 0;padding-top:14px}
h1{font-size:24pt}h2{font-size:15pt}h3{font-size:11.5pt}.lead{font-size:12pt}
h2,h3,h4,caption{break-after:avoid}
table{font-size:7.9pt}th,td{padding:4px 5px}
thead{display:table-header-group}tr,.card,.tile,figure,.keep{break-inside:avoid}
.card{padding:12px 14px}.wide{overflow:visible}
.pair{grid-template-columns:1fr 1fr}.kpis{grid-template-columns:repeat(6,1fr)}
.d{font-size:7pt}li,p{orphans:3;widows:3}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
)";
}

}  // namespace quintile::report
