//! What was measured, and the table in which it is told.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::peer::Kind;
use crate::stats::median;

/// One figure of several peers, a value for each run.
#[derive(Debug, Default)]
pub(crate) struct Series {
    values: BTreeMap<Kind, Vec<f64>>,
}

impl Series {
    pub(crate) fn push(&mut self, kind: Kind, value: f64) {
        self.values.entry(kind).or_default().push(value);
    }

    /// The median of the runs.
    pub(crate) fn median(&self, kind: Kind) -> Option<f64> {
        median(self.values.get(&kind)?)
    }

    /// The median of what the runs say of the proxy and this peer: runs apart differ more than peers in
    /// one run.
    fn compared(&self, kind: Kind, compare: impl Fn(f64, f64) -> f64) -> Option<f64> {
        let ours = self.values.get(&Kind::Proxy)?;
        let pairs = ours.iter().zip(self.values.get(&kind)?);
        median(
            &pairs
                .map(|(ours, theirs)| compare(*ours, *theirs))
                .collect::<Vec<_>>(),
        )
    }

    /// How many times the peer's.
    pub(crate) fn ratio(&self, kind: Kind) -> Option<f64> {
        self.compared(kind, |ours, theirs| ours / theirs)
    }

    /// How much more than the peer's.
    pub(crate) fn excess(&self, kind: Kind) -> Option<f64> {
        self.compared(kind, |ours, theirs| ours - theirs)
    }
}

/// What is compared with the goal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By {
    /// The proxy's own value.
    Value,
    /// Its ratio to nginx.
    Nginx,
    /// Its ratio to Express.
    Express,
    /// What it has more than nginx.
    OverNginx,
}

/// A goal: what must hold, and the limit that was measured for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goal {
    pub(crate) by: By,
    pub(crate) more_is_better: bool,
    pub(crate) gate: f64,
    pub(crate) stretch: Option<f64>,
}

impl Goal {
    pub(crate) const fn at_most(by: By, gate: f64, stretch: f64) -> Self {
        Self {
            by,
            more_is_better: false,
            gate,
            stretch: Some(stretch),
        }
    }

    pub(crate) const fn at_least(by: By, gate: f64, stretch: f64) -> Self {
        Self {
            by,
            more_is_better: true,
            gate,
            stretch: Some(stretch),
        }
    }

    /// Without a limit beyond.
    pub(crate) const fn only(self) -> Self {
        Self {
            stretch: None,
            ..self
        }
    }

    fn judge(self, value: f64) -> &'static str {
        let holds = |limit: f64| {
            if self.more_is_better {
                value >= limit
            } else {
                value <= limit
            }
        };
        match self.stretch {
            Some(stretch) if holds(stretch) => "stretch",
            _ if holds(self.gate) => "gate",
            _ => "NO",
        }
    }

    fn words(self) -> String {
        let sign = if self.more_is_better { "≥" } else { "≤" };
        let unit = match self.by {
            By::Value => "",
            By::Nginx => "× nginx",
            By::Express => "× express",
            By::OverNginx => " over nginx",
        };
        let stretch = self.stretch.map(|stretch| format!(" / {}", short(stretch)));
        format!(
            "{sign} {}{}{unit}",
            short(self.gate),
            stretch.unwrap_or_default()
        )
    }
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Row {
    name: String,
    unit: &'static str,
    series: Series,
    goal: Option<Goal>,
}

impl Row {
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, series: Series) -> Self {
        Self {
            name: name.into(),
            unit,
            series,
            goal: None,
        }
    }

    pub(crate) fn goal(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    /// Whether the goal holds, if there is one and what it needs was measured.
    fn held(&self) -> &'static str {
        let judged = self.goal.and_then(|goal| {
            let value = match goal.by {
                By::Value => self.series.median(Kind::Proxy),
                By::Nginx => self.series.ratio(Kind::Nginx),
                By::Express => self.series.ratio(Kind::Express),
                By::OverNginx => self.series.excess(Kind::Nginx),
            };
            Some(goal.judge(value?))
        });
        judged.unwrap_or("")
    }

    fn cells(&self) -> [String; 9] {
        let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), short);
        [
            self.name.clone(),
            self.unit.to_owned(),
            cell(self.series.median(Kind::Proxy)),
            cell(self.series.median(Kind::Nginx)),
            cell(self.series.median(Kind::Express)),
            cell(self.series.ratio(Kind::Nginx)),
            cell(self.series.ratio(Kind::Express)),
            self.goal.map(Goal::words).unwrap_or_default(),
            self.held().to_owned(),
        ]
    }
}

const HEADINGS: [&str; 9] = [
    "scenario",
    "unit",
    "proxy",
    "nginx",
    "express",
    "× nginx",
    "× express",
    "goal (gate / stretch)",
    "holds",
];

/// All rows as a table in Markdown that reads well as text, too.
pub(crate) fn render(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(Row::cells));
    let width = |column: usize| {
        let widths = lines.iter().map(|line| line[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: [usize; 9] = std::array::from_fn(width);
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(widths) {
            // Writing to a String cannot fail.
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in widths {
                let _ = write!(text, "|-{}-", "-".repeat(width));
            }
            text.push_str("|\n");
        }
    }
    text
}

/// Three digits that count, or the whole number.
fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(proxy: &[f64], nginx: &[f64]) -> Series {
        let mut series = Series::default();
        for value in proxy {
            series.push(Kind::Proxy, *value);
        }
        for value in nginx {
            series.push(Kind::Nginx, *value);
        }
        series
    }

    #[test]
    fn ratios_are_of_the_same_run() {
        let series = series(&[2.0, 40.0, 9.0], &[1.0, 10.0, 3.0]);
        assert_eq!(series.median(Kind::Proxy), Some(9.0));
        assert_eq!(series.ratio(Kind::Nginx), Some(3.0));
        assert_eq!(series.excess(Kind::Nginx), Some(6.0));
        assert_eq!(series.ratio(Kind::Express), None);
    }

    #[test]
    fn a_goal_holds_up_to_its_limit() {
        let most = Goal::at_most(By::Value, 5.0, 4.0);
        assert_eq!(
            (most.judge(4.0), most.judge(5.0), most.judge(5.1)),
            ("stretch", "gate", "NO")
        );
        let least = Goal::at_least(By::Value, 4.0, 5.8);
        assert_eq!(
            (least.judge(6.0), least.judge(4.0), least.judge(3.9)),
            ("stretch", "gate", "NO")
        );
        assert_eq!(least.only().judge(6.0), "gate");
    }

    #[test]
    fn the_table_is_markdown_in_columns() {
        let goal = Goal::at_most(By::Nginx, 5.3, 4.4);
        let row = Row::new("C1 page", "CPU s/10k", series(&[0.9], &[0.2])).goal(goal);
        let text = render(&[row]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[1].starts_with("|-"), "{text}");
        let cells: Vec<&str> = lines[2]
            .trim_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        let expected = [
            "C1 page",
            "CPU s/10k",
            "0.900",
            "0.200",
            "–",
            "4.50",
            "–",
            "≤ 5.30 / 4.40× nginx",
            "gate",
        ];
        assert_eq!(cells, expected);
        let lengths = lines.iter().map(|line| line.chars().count());
        assert_eq!(
            lengths.collect::<std::collections::BTreeSet<_>>().len(),
            1,
            "{text}"
        );
    }
}
