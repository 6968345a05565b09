extension StatusPage {
    static let script = #"""
        "use strict";
        const id = name => document.getElementById(name);
        const element = (tag, text, ...classes) => {
          const made = document.createElement(tag);
          if (text !== undefined) made.textContent = text;
          if (classes.length) made.classList.add(...classes);
          return made;
        };
        const count = value => value.toLocaleString("en");
        const clock = time => new Date(time).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false});
        const day = time => new Date(time).toLocaleDateString([], {year: "numeric", month: "short", day: "numeric"});
        const moment = time => day(time) === day(Date.now()) ? clock(time) : `${clock(time)}, ${day(time)}`;
        function duration(seconds) {
          const units = [["d", 86400], ["h", 3600], ["min", 60]];
          for (const [name, size] of units) if (seconds >= 2 * size) return [Math.floor(seconds / size), name];
          return [seconds < 10 ? seconds.toFixed(1) : Math.round(seconds), "s"];
        }
        function show(name, value, unit) {
          id(name).replaceChildren(String(value), ...(unit ? [element("small", unit)] : []));
        }

        let last = null;
        let status = null;

        function showGate(model) {
          const frozen = model.gate.state === "frozen";
          const [text, tone] = frozen ? ["Frozen", "bad"]
            : model.gate.state === "suspect" ? ["Suspect: new versions are held back", "warn"]
            : model.stale ? ["Stale", "warn"] : ["Learning", "good"];
          id("gate").textContent = text;
          id("gate").className = "pill " + tone;
          document.title = (tone === "good" ? "" : text + " · ") + model.model;
          id("causes").hidden = !frozen;
          id("causes").replaceChildren(...model.gate.causes.map(cause => {
            const row = element("p");
            const resume = cause.resume === "automatic" ? "Resumes by itself." : "Waits for an operator.";
            row.append(element("strong", cause.kind), cause.detail + " ",
              element("span", `Since ${moment(cause.since)}. ${resume}`, "quiet"));
            return row;
          }));
          id("notice").hidden = !model.notice;
          id("notice").textContent = model.notice || "";
        }

        function showNumbers(model) {
          id("model").textContent = model.model;
          id("about").textContent = `${model.task}, ${count(2 ** model.bits)} weights` +
            (model.metrics ? `, ${count(model.metrics.examples)} events learnt` : "");
          show("version", model.version);
          id("digest").textContent = model.digest.slice(0, 12);
          show("age", ...duration(model.ageSeconds));
          id("created").textContent = `written ${moment(model.createdAt)}`;
          show("watermark", clock(model.inputWatermark));
          id("watermark-date").textContent = day(model.inputWatermark);
          const now = performance.now();
          // A smaller count than before means that the publisher was restarted.
          if (last && model.requests >= last.requests) {
            // Our own two requests a poll are not load.
            const rate = Math.max(0, model.requests - last.requests - 2) / (now - last.at) * 1000;
            show("rate", rate < 10 ? rate.toFixed(1) : count(Math.round(rate)), "/s");
          }
          last = {requests: model.requests, at: now};
          id("totals").textContent = `${count(model.predictions)} predictions since start`;
        }

        function chart(figure, title, key, history, better) {
          const points = history.filter(point => Number.isFinite(point.window[key]));
          figure.hidden = points.length === 0;
          if (!points.length) return;
          const values = points.map(point => point.window[key]);
          const low = Math.min(...values), high = Math.max(...values);
          const span = high - low;
          const x = index => points.length === 1 ? 50 : index / (points.length - 1) * 100;
          const y = value => span === 0 ? 50 : 100 - (value - low) / span * 100;
          const make = (tag, attributes) => {
            const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
            for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
            return made;
          };
          const latest = values[values.length - 1];
          const svg = make("svg", {viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img",
            "aria-label": `${title}, ${latest.toFixed(4)} now, between ${low.toFixed(4)} and ${high.toFixed(4)}`});
          for (const height of [0, 50, 100]) svg.append(make("line", {class: "rule", x1: 0, x2: 100, y1: height, y2: height}));
          const line = values.map((value, index) => `${x(index).toFixed(2)},${y(value).toFixed(2)}`);
          if (line.length === 1) line.push("100," + line[0].split(",")[1]);
          svg.append(make("polyline", {class: "curve", points: line.join(" ")}));
          const caption = element("figcaption");
          const name = element("div", title + " ");
          name.append(element("span", better));
          caption.append(name, element("b", latest.toFixed(4)));
          const plot = element("div", undefined, "plot");
          plot.append(svg);
          if (span > 0) plot.append(element("span", high.toFixed(3), "quiet", "top"), element("span", low.toFixed(3), "quiet", "bottom"));
          const axis = element("div", undefined, "axis", "quiet");
          axis.append(element("span", "version " + points[0].version), element("span", "version " + points[points.length - 1].version));
          figure.replaceChildren(caption, plot, axis);
        }

        function showVersions(list, quality) {
          id("ladder").hidden = list.versions.length === 0;
          id("quality-name").textContent = quality.title;
          const several = list.versions.some(row => row.lane > 0);
          id("versions").replaceChildren(...list.versions.slice(0, 12).map(row => {
            const state = [row.served && "served", row.pinned && "pinned", row.cleared ? (row.served ? false : "cleared") : "held back"];
            const value = row.metrics && row.metrics[quality.key];
            const line = element("tr");
            if (row.served) line.classList.add("served");
            line.append(element("td", several ? row.version + " (lane " + row.lane + ")" : row.version), element("td", moment(row.createdAt)),
              element("td", count(row.events)), element("td", Number.isFinite(value) ? value.toFixed(4) : "–"),
              element("td", state.filter(Boolean).join(", ")));
            return line;
          }));
        }

        async function poll() {
          try {
            const [model, versions] = await Promise.all([fetch("/v1/model"), fetch("/v1/versions")]);
            const answer = await model.json();
            if (!model.ok) throw new Error(answer.error);
            const binary = answer.task === "binary";
            const quality = binary ? {title: "Log loss", key: "logLoss"} : {title: "RMSE", key: "rmse"};
            showGate(answer);
            showNumbers(answer);
            chart(id("chart-loss"), quality.title, quality.key, answer.history, "per window, lower is better");
            chart(id("chart-rank"), binary ? "AUC" : "MAE", binary ? "auc" : "mae", answer.history,
              binary ? "per window, higher is better" : "per window, lower is better");
            showVersions(await versions.json(), quality);
            id("connection").textContent = "";
            document.querySelector("main").classList.remove("faded");
            status = answer;
          } catch (error) {
            const offline = error instanceof TypeError;
            id("connection").textContent = offline ? "The publisher does not answer." : "";
            document.querySelector("main").classList.toggle("faded", offline);
            if (!status && !offline) {
              id("gate").textContent = "Not ready";
              id("gate").className = "pill warn";
              id("notice").hidden = false;
              id("notice").textContent = error.message;
            }
          }
          setTimeout(poll, 2000);
        }
        poll();
        """#
}
