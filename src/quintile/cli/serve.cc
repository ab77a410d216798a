#include <cstdio>
#include <string>

#include "quintile/cli/commands.h"
#include "quintile/dashboard/server.h"
#include "quintile/mart/json_writer.h"

namespace quintile::cli {

Result<int> serve(const ServeArguments& arguments, const Common& common) {
  dashboard::ServeOptions options;
  options.mart = arguments.mart;
  options.previous = arguments.previous;
  options.host = arguments.host;
  options.port = arguments.port;
  options.token = arguments.token;
  options.names = arguments.names;
  options.web_dir = arguments.web_folder;
  if (!common.quiet)
    options.log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
  const auto ready = [&common](const std::string& url) {
    if (common.format == Format::Json) {
      mart::JsonWriter json(false);
      json.begin_object();
      json.key("url");
      json.text(url);
      json.end_object();
      std::printf("%s\n", json.take().c_str());
    } else {
      std::printf("The dashboard is at %s\nStop it with Ctrl-C.\n", url.c_str());
    }
    std::fflush(stdout);
  };
  QUINTILE_TRY_STATUS(dashboard::serve(options, ready));
  return 0;
}

}  // namespace quintile::cli
