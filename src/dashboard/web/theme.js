// Before anything is painted: the theme that was chosen here, if one was.
try {
  const chosen = localStorage.getItem('pinion-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing follows its system.
}
