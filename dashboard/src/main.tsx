import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@/theme/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { adoptTheme } from '@/theme/sheet';
import { App } from './app/App';

adoptTheme(document);
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
