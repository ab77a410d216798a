# Packs the built page into the program: cmake -DFROM=<web/dist> -DOUT=<file>.S -DTABLE=<file>.cc -P PackAssets.cmake
# An empty or missing folder gives an empty table, and the program serves a page that says so.
file(GLOB_RECURSE files LIST_DIRECTORIES false RELATIVE "${FROM}" "${FROM}/*")
list(SORT files)
set(assembly ".section .rodata\n")
set(declarations "")
set(rows "")
set(i 0)
foreach(file IN LISTS files)
  string(APPEND assembly ".global quintile_asset_${i}\n.global quintile_asset_${i}_end\n.balign 16\n"
                         "quintile_asset_${i}:\n.incbin \"${FROM}/${file}\"\nquintile_asset_${i}_end:\n.byte 0\n")
  string(APPEND declarations "extern \"C\" const unsigned char quintile_asset_${i}[];\n"
                             "extern \"C\" const unsigned char quintile_asset_${i}_end[];\n")
  string(APPEND rows "    {\"/${file}\", quintile_asset_${i}, quintile_asset_${i}_end},\n")
  math(EXPR i "${i} + 1")
endforeach()
string(APPEND assembly ".section .note.GNU-stack,\"\",%progbits\n")
file(WRITE "${OUT}" "${assembly}")
file(WRITE "${TABLE}"
     "struct PackedAsset { const char* path; const unsigned char* begin; const unsigned char* end; };\n"
     "${declarations}"
     "extern const PackedAsset quintile_packed_assets[];\nextern const unsigned long quintile_packed_assets_count;\n"
     "const PackedAsset quintile_packed_assets[] = {\n${rows}    {nullptr, nullptr, nullptr}};\n"
     "const unsigned long quintile_packed_assets_count = ${i};\n")
